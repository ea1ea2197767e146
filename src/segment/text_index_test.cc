// What a text index promises: a row that holds a text is never ruled out, whatever the text, its
// case, or the rows around it; most other rows are. Damage is reported, never believed.
#include "segment/text_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "base/text_search.h"
#include "segment/text_index_format.h"

namespace lynxdb::segment {
namespace {

using testing::ElementsAre;

std::string index_of(const std::vector<std::string>& rows) {
  TextIndexBuilder builder;
  for (const std::string& row : rows) builder.add(row);
  return builder.finish();
}

RowsFound find(const std::string& index, std::size_t rows, std::vector<std::string> literals) {
  MemoryByteSource source(index);
  Result<RowsFound> found = find_in_text_index(source, {0, index.size()}, rows, literals);
  EXPECT_TRUE(found) << found.error().message;
  return found ? *found : RowsFound{};
}

bool may_hold(const RowsFound& found, std::uint32_t row) {
  if (((found.blocks >> (row / kBlockRows)) & 1U) == 0) return false;
  return !found.rows || std::ranges::find(*found.rows, row) != found.rows->end();
}

std::size_t rows_left(const RowsFound& found, std::size_t rows) {
  std::size_t left = 0;
  for (std::uint32_t row = 0; row < rows; ++row) left += may_hold(found, row) ? 1 : 0;
  return left;
}

void expect_no_row_lost(const std::vector<std::string>& rows, const std::string& index,
                        const std::string& literal) {
  const base::SubstringFinder finder(literal, base::LetterCase::kIgnoreAscii);
  const RowsFound found = find(index, rows.size(), {literal});
  for (std::uint32_t row = 0; row < rows.size(); ++row)
    if (finder.contains(rows[row])) ASSERT_TRUE(may_hold(found, row)) << literal << " in " << row;
}

std::string hex(std::mt19937_64& random, std::size_t digits) {
  std::string text;
  for (std::size_t i = 0; i < digits; ++i) text += "0123456789abcdef"[random() % 16];
  return text;
}

// Lines with words that repeat, numbers that mostly do not, and an id of 32 digits.
std::vector<std::string> log_lines(std::size_t count) {
  std::mt19937_64 random(7);
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < count; ++i)
    rows.push_back("Request completed user=u" + std::to_string(random() % 50'000) +
                   " took=" + std::to_string(random() % 1000) + "ms trace=" + hex(random, 32));
  return rows;
}

std::vector<std::string> sample_file(const char* name) {
  std::ifstream in(std::string(LYNXDB_SOURCE_DIR) + "/src/segment/testdata/" + name);
  std::vector<std::string> rows;
  for (std::string line; std::getline(in, line);) rows.push_back(line);
  return rows;
}

TEST(TextIndex, LosesNoRowOfRandomSubstrings) {
  const std::vector<std::string> rows = log_lines(10'000);
  const std::string index = index_of(rows);
  std::mt19937_64 random(11);
  for (int i = 0; i < 150; ++i) {
    const std::string& row = rows[random() % rows.size()];
    const std::size_t begin = random() % row.size();
    std::string literal = row.substr(begin, 1 + random() % 40);
    if (random() % 2 == 0) std::ranges::transform(literal, literal.begin(), ::toupper);
    expect_no_row_lost(rows, index, literal);
  }
}

TEST(TextIndex, LosesNoRowOfRandomBytes) {
  std::mt19937_64 random(3);
  std::vector<std::string> rows(700);
  for (std::string& row : rows) {
    row.resize(random() % 3000);
    for (char& c : row) c = static_cast<char>(random() % (random() % 2 == 0 ? 256 : 4));
  }
  const std::string index = index_of(rows);
  for (int i = 0; i < 300; ++i) {
    const std::string& row = rows[random() % rows.size()];
    if (row.empty()) continue;
    expect_no_row_lost(rows, index, row.substr(random() % row.size(), 1 + random() % 1500));
  }
}

TEST(TextIndex, FindsTextsThatLieAcrossThePiecesItIsHashedIn) {
  const std::string needle = "needle";
  for (std::size_t at = 1000; at < 1040; ++at) {
    std::string row(3000, '.');
    row.replace(at, needle.size(), needle);
    EXPECT_FALSE(find(index_of({row}), 1, {needle}).none()) << at;
  }
}

TEST(TextIndex, NamesTheRowsOfARareWord) {
  std::vector<std::string> rows = log_lines(30'000);
  rows[17] += " connection refused";
  rows[29'999] += " Connection Refused";
  const RowsFound found = find(index_of(rows), rows.size(), {"connection refused"});
  ASSERT_TRUE(found.rows);
  EXPECT_THAT(*found.rows, ElementsAre(17, 29'999));
}

TEST(TextIndex, NarrowsAnIdToAboutOneBlock) {
  const std::vector<std::string> rows = log_lines(65'536);
  const std::string index = index_of(rows);
  std::size_t left = 0;
  for (const std::size_t row : {0, 5000, 40'000, 65'535}) {
    const std::string id = rows[row].substr(rows[row].size() - 32);
    left += rows_left(find(index, rows.size(), {id}), rows.size());
  }
  EXPECT_LE(left, 8 * kBlockRows);
}

TEST(TextIndex, RulesOutWhatNoRowHolds) {
  const std::vector<std::string> rows = log_lines(5000);
  const std::string index = index_of(rows);
  EXPECT_TRUE(find(index, rows.size(), {"nothing like it"}).none());
  EXPECT_TRUE(find(index, rows.size(), {"completed", "nothing like it"}).none());
}

TEST(TextIndex, KeepsOnlyRowsWithAllOfTheLiterals) {
  std::vector<std::string> rows = log_lines(20'000);
  rows[100] += " alphabetical";
  rows[200] += " alphabetical omissions";
  rows[300] += " omissions";
  const RowsFound found = find(index_of(rows), rows.size(), {"alphabetical", "omissions"});
  EXPECT_TRUE(may_hold(found, 200));
  EXPECT_LE(rows_left(found, rows.size()), 2U);
}

TEST(TextIndex, KnowsNothingOfTextsShorterThanAGram) {
  const std::vector<std::string> rows = {"abcdef", "", "x"};
  const std::string index = index_of(rows);
  EXPECT_EQ(rows_left(find(index, 3, {"zzz"}), 3), 3U);
  EXPECT_EQ(rows_left(find(index, 3, {""}), 3), 3U);
  EXPECT_EQ(rows_left(find(index, 3, {}), 3), 3U);
}

TEST(TextIndex, TakesEveryNumberOfRows) {
  for (const std::size_t count : {1, 2047, 2048, 2049, 16'384, 16'385, 65'535, 65'536}) {
    SCOPED_TRACE(count);
    std::vector<std::string> rows(count, "same text everywhere");
    rows.back() += " but here";
    const std::string index = index_of(rows);
    EXPECT_EQ(rows_left(find(index, count, {"same text"}), count), count);
    EXPECT_TRUE(may_hold(find(index, count, {"but here"}), static_cast<std::uint32_t>(count - 1)));
  }
}

TEST(TextIndex, BuilderStartsAfresh) {
  TextIndexBuilder builder;
  const std::vector<std::string> rows = log_lines(3000);
  for (const std::string& row : rows) builder.add(row);
  builder.finish();
  builder.add("another text");
  const std::string second = builder.finish();
  EXPECT_EQ(second, index_of({"another text"}));
  EXPECT_TRUE(find(second, 1, {"Request"}).none());
}

TEST(TextIndex, StaysSmallBesideItsText) {
  const std::vector<std::string> rows = log_lines(65'536);
  std::size_t text_bytes = 0;
  for (const std::string& row : rows) text_bytes += row.size();
  EXPECT_LT(index_of(rows).size(), text_bytes / 16);
  EXPECT_LT(index_of({"one short line"}).size(), 300U);
}

TEST(TextIndex, ReportsEveryFlippedByteItReads) {
  const std::vector<std::string> rows = log_lines(100);
  const std::string intact = index_of(rows);
  const std::string& literal = rows[50];
  for (std::size_t at = 0; at < intact.size(); ++at) {
    std::string broken = intact;
    broken[at] = static_cast<char>(broken[at] ^ 0x10);
    MemoryByteSource source(broken);
    const std::vector<std::string> literals = {literal};
    const Result<RowsFound> found =
        find_in_text_index(source, {0, broken.size()}, rows.size(), literals);
    if (found)
      ASSERT_TRUE(may_hold(*found, 50)) << at;  // A page that was not asked for.
    else
      ASSERT_EQ(found.error().code, ErrorCode::kCorruption) << at;
  }
}

TEST(TextIndex, ReportsAnIndexThatIsCutShort) {
  const std::string intact = index_of(log_lines(100));
  const std::vector<std::string> literals = {"completed"};
  for (std::size_t size = 0; size < intact.size(); ++size) {
    MemoryByteSource source(intact.substr(0, size));
    EXPECT_FALSE(find_in_text_index(source, {0, size}, 100, literals)) << size;
  }
}

TEST(TextIndex, LosesNoRowOfRealLogs) {
  const std::vector<std::string> rows = sample_file("logs.txt");
  ASSERT_GT(rows.size(), 500U);
  const std::string index = index_of(rows);
  std::mt19937_64 random(5);
  for (int i = 0; i < 300; ++i) {
    const std::string& row = rows[random() % rows.size()];
    if (row.empty()) continue;
    expect_no_row_lost(rows, index, row.substr(random() % row.size(), 1 + random() % 30));
  }
}

}  // namespace
}  // namespace lynxdb::segment
