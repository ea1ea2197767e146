// A batch finds its fields by name, whether it has three of them or thousands.
#include "event/event_batch.h"

#include <gtest/gtest.h>

#include <string>

namespace lynxdb::event {
namespace {

std::string name_of(int i) { return "field " + std::to_string(i); }

EventBatch batch_of(int fields) {
  EventBatch batch(1);
  for (int i = 0; i < fields; ++i) batch.set(name_of(i), Column::ints({i}));
  return batch;
}

std::int64_t number(const EventBatch& batch, const std::string& name) {
  const ColumnPtr* column = batch.find(name);
  return column == nullptr ? -1 : (*column)->int_values()[0];
}

TEST(EventBatch, FindsEachOfItsFields) {
  for (const int fields : {3, 40, 5000}) {
    const EventBatch batch = batch_of(fields);
    EventBatch replaced(1);
    replaced.replace_fields({batch.fields().begin(), batch.fields().end()});
    for (int i = 0; i < fields; ++i) {
      ASSERT_EQ(number(batch, name_of(i)), i);
      ASSERT_EQ(number(replaced, name_of(i)), i);
    }
    EXPECT_EQ(batch.find(name_of(fields)), nullptr);
    EXPECT_EQ(replaced.find(name_of(fields)), nullptr);
  }
}

TEST(EventBatch, CopiesChangeByThemselves) {
  const EventBatch batch = batch_of(500);
  EventBatch copy = batch;
  copy.set(name_of(7), Column::ints({70}));
  for (int i = 500; i < 700; ++i) copy.set(name_of(i), Column::ints({i}));
  copy.remove(name_of(3));
  for (int i = 0; i < 700; ++i) {
    EXPECT_EQ(number(batch, name_of(i)), i < 500 ? i : -1);
    EXPECT_EQ(number(copy, name_of(i)), i == 7 ? 70 : i == 3 ? -1 : i);
  }
  EXPECT_EQ(copy.field_count(), 699U);
}

TEST(EventBatch, IsFollowedByTheNextNumberUnlessToldOtherwise) {
  EventBatch batch(0);
  batch.set_sequence(4);
  EXPECT_EQ(batch.next_sequence(), 5U);
  batch.set_sequence(4, 100);
  EXPECT_EQ(batch.sequence(), 4U);
  EXPECT_EQ(batch.next_sequence(), 100U);
}

// Two lines in one block, as parsed: `path` is cut out of them, but for the second, which is not.
EventBatch cut_lines(const std::shared_ptr<std::string>& lines) {
  const std::string_view text(*lines);
  EventBatch batch(2);
  batch.set("_raw", Column::strings({text.substr(0, 500), text.substr(500, 500)}, {lines}));
  batch.set("path", Column::strings({text.substr(100, 300), "elsewhere"}, {lines}));
  return batch;
}

TEST(EventBatch, CountsTextThatIsPartOfRawOnce) {
  const auto lines = std::make_shared<std::string>(1000, 'x');
  const EventBatch batch = cut_lines(lines);
  EXPECT_EQ(batch.text_bytes(), 1000U + std::string_view("elsewhere").size());
  EXPECT_LT(batch.memory_bytes(), 1000U + 900U);
  EventBatch copied(2);
  const std::string apart(300, 'x');
  copied.set("_raw", *batch.find("_raw"));
  copied.set("path", Column::strings({apart, "elsewhere"}, {}));
  EXPECT_EQ(copied.text_bytes(), batch.text_bytes() + 300);
  EXPECT_EQ(copied.memory_bytes(), batch.memory_bytes() + 300);
}

TEST(EventBatch, StaysCutOutOfRawWhenItIsCompacted) {
  auto lines = std::make_shared<std::string>(1000, 'x');
  const std::weak_ptr<std::string> watch = lines;
  EventBatch kept;
  {
    const EventBatch batch = cut_lines(lines);
    kept = compact(batch);
    EXPECT_EQ(kept.text_bytes(), batch.text_bytes());
  }
  lines.reset();
  EXPECT_TRUE(watch.expired()) << "a compacted batch keeps nothing of its input alive";
  const Column& raw = **kept.find("_raw");
  const Column& path = **kept.find("path");
  EXPECT_EQ(raw.string_values()[1], std::string(500, 'x'));
  EXPECT_EQ(path.string_values()[0], std::string(300, 'x'));
  EXPECT_EQ(path.string_values()[0].data(), raw.string_values()[0].data() + 100);
  EXPECT_EQ(path.string_values()[1], "elsewhere");
  const ColumnPtr alone = *kept.find("path");
  kept = EventBatch();
  EXPECT_EQ(alone->string_values()[0], std::string(300, 'x')) << "a column keeps what it needs";
}

TEST(EventBatch, KeepsNullsWhenItIsCompacted) {
  const auto line = std::make_shared<std::string>(100, 'x');
  const std::string_view text(*line);
  NullBitmap second;
  second.set(1);
  EventBatch batch(3);
  batch.set("_raw", Column::strings({text, text, {}}, {line}, second));
  batch.set("a", Column::strings({text.substr(2), text.substr(1), text.substr(3)}, {line}));
  batch.set("b", Column::strings({text.substr(2), text.substr(1), ""}, {line}, second));
  const EventBatch kept = compact(batch);
  for (const Field& field : batch.fields())
    for (std::size_t row = 0; row < 3; ++row)
      EXPECT_EQ((*kept.find(field.name))->value(row), field.column->value(row))
          << field.name << row;
}

}  // namespace
}  // namespace lynxdb::event
