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

}  // namespace
}  // namespace lynxdb::event
