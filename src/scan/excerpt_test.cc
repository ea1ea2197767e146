// Texts that are decoded for one search alone give the same first match, with the same groups, as
// whole texts: random templates, random values in them, random patterns.
#include <gtest/gtest.h>

#include <random>

#include "query/regex.h"
#include "segment/row_group_codec.h"

namespace lynxdb::scan {
namespace {

using event::Column;
using event::ColumnBuilder;
using event::ColumnPtr;
using event::EventBatch;

class Lines {
 public:
  explicit Lines(unsigned seed) : random_(seed) {}

  // A message that refers to the columns "user" and "took", with pieces of the patterns below in
  // unlikely places.
  EventBatch batch(std::size_t rows) {
    const std::vector<std::string> shapes = some_shapes();
    ColumnBuilder users;
    ColumnBuilder took;
    ColumnBuilder messages;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::string user = word();
      const double ms = static_cast<double>(below(90'000)) / 10;
      users.append_string(user);
      took.append_float(ms);
      if (nulls_ && below(10) == 0)
        messages.append_null();
      else
        messages.append_string(text(shapes[below(shapes.size())], user, ms));
    }
    EventBatch batch(rows);
    batch.set("user", users.finish());
    batch.set("took", took.finish());
    batch.set("message", messages.finish());
    return batch;
  }

  std::string pattern() {
    return pick({"shard=(?<s>[0-9]+)", "shard=(?<s>[0-9]*)", "id=(?<s>[0-9a-f]+)", "by (?<s>[^ ]+)",
                 "by (?<s>\\S+) in (?<t>[0-9.]+)", "in (?<s>[0-9]+)", "(?:GET|PUT) (?<s>/\\S*) by",
                 "pool=(?<s>\\d+)/(?<t>\\d+)", "d=(?<s>\\w+)", "at (?<s>[^,]*),", "(?<s>[a-z]+)=7",
                 " (?<s>[^=]*)", "= (?<s>\\w+)", "shard=(?<s>[^x]+)x", "a(?<s>[0-9]+)", "é(?<s>.+)",
                 "request (?<s>[A-Z]+)"});
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  std::vector<std::string> some_shapes() {
    nulls_ = below(2) == 0;
    risky_ = below(3) == 0;
    std::vector<std::string> shapes;
    for (std::size_t shape = 1 + below(4); shape > 0; --shape) {
      std::string parts;
      for (std::size_t part = 1 + below(7); part > 0; --part)
        parts += pick({"request GET ~u", "by ~u ", "in ~m ms ", "shard=~n ", "id=~x ",
                       "pool=~n/~n ", "at ~i, ", "= ~w", "shard=", "é ~w é", "a~n", " ",
                       "shard= ", "tax ~n", "id=~w", "~x=~n ", "shard~w=~n", "~w shard=~n"});
      shapes.push_back(parts);
    }
    return shapes;
  }

  std::string word() {
    if (risky_ && below(20) == 0)
      return pick({"shard=5", "shar", "d=", "=7", "by x", "é", "\xff", "", "a=7 b", "\"q\""});
    return pick({"anna", "bob", "c/d", "x.y"}) + std::to_string(below(1000));
  }

  std::string text(const std::string& shape, const std::string& user, double ms) {
    std::string text;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] != '~') {
        text += shape[i];
        continue;
      }
      ++i;
      if (shape[i] == 'u') text += user;
      if (shape[i] == 'm') event::append_text(event::ValueView::floating(ms), text);
      if (shape[i] == 'n') text += std::to_string(below(300));
      if (shape[i] == 'i') text += "10.0." + std::to_string(below(256)) + ".7";
      if (shape[i] == 'w') text += word();
      if (shape[i] == 'x')
        for (int digit = 0; digit < 16; ++digit) text += "0123456789abcdef"[below(16)];
    }
    return text;
  }

  std::mt19937 random_;
  bool nulls_ = false;
  bool risky_ = false;
};

// The groups of the first match, or that there is none; columns may hold views of other memory.
std::string first_match(const query::Regex& regex, event::ValueView value) {
  if (value.is_null()) return "null";
  std::vector<std::string_view> groups(regex.group_count() + 1);
  if (!regex.find(value.as_string(), groups)) return "none";
  std::string result;
  for (std::size_t i = 1; i < groups.size(); ++i)
    result += groups[i].data() == nullptr ? "-" : "<" + std::string(groups[i]) + ">";
  return result;
}

TEST(Excerpts, HaveTheFirstMatchOfTheWholeText) {
  std::size_t shorter = 0;
  std::size_t found = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    Lines lines(seed);
    const EventBatch batch = lines.batch(600);
    const std::vector<segment::EncodedChunk> chunks =
        segment::encode_row_group(batch, segment::Compression::kLz4);
    std::vector<segment::NamedChunk> named;
    for (std::size_t i = 0; i < chunks.size(); ++i)
      named.push_back({batch.fields()[i].name, chunks[i].bytes});
    for (int i = 0; i < 4; ++i) {
      const std::string pattern = lines.pattern();
      SCOPED_TRACE(std::to_string(seed) + ": " + pattern);
      const query::RegexPtr regex = *query::Regex::compile(pattern);
      const std::optional<base::RunPattern> runs = regex->runs();
      if (!runs) continue;
      const segment::FieldExcerpt excerpt{"message", *runs};
      const std::vector<std::string> wanted = {"message", "user"};
      const auto read = segment::decode_row_group(named, wanted, nullptr, nullptr, &excerpt);
      ASSERT_TRUE(read) << read.error().message;
      const Column& whole = **batch.find("message");
      const Column& parts = **read->find("message");
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        const std::string expected = first_match(*regex, whole.view(row));
        ASSERT_EQ(first_match(*regex, parts.view(row)), expected) << whole.view(row).as_string();
        ASSERT_EQ((*read->find("user"))->value(row), (*batch.find("user"))->value(row));
        if (expected == "null") continue;
        found += expected != "none" ? 1 : 0;
        shorter += parts.view(row).as_string().size() < whole.view(row).as_string().size() ? 1 : 0;
      }
    }
  }
  EXPECT_GT(found, 100'000U);
  EXPECT_GT(shorter, 100'000U);
}

}  // namespace
}  // namespace lynxdb::scan
