// Every line that is not blank comes in exactly one batch, with its number, and batches keep within
// their limits.
#include "cli/line_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace lynxdb::cli {
namespace {

using testing::ElementsAre;

struct Read {
  std::vector<std::string> bodies;
  std::vector<std::uint64_t> numbers;
  std::vector<std::uint64_t> too_long;
};

Read read(std::string_view text, LineBatches::Options options = {}) {
  const int file = ::memfd_create("lines", MFD_CLOEXEC);
  EXPECT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::lseek(file, 0, SEEK_SET);
  LineBatches batches(file, "lines", options);
  Read all;
  while (true) {
    auto batch = batches.next();
    EXPECT_TRUE(batch.has_value());
    if (!batch.has_value() || !*batch) break;
    all.bodies.push_back((*batch)->body);
    all.numbers.insert(all.numbers.end(), (*batch)->numbers.begin(), (*batch)->numbers.end());
  }
  all.too_long = batches.take_too_long();
  ::close(file);
  return all;
}

TEST(LineBatches, HoldEveryLineWithItsNumber) {
  const Read all = read("one\n\n \t\r\ntwo\r\nthree");
  EXPECT_THAT(all.bodies, ElementsAre("one\ntwo\r\nthree\n"));
  EXPECT_THAT(all.numbers, ElementsAre(1, 4, 5));
  EXPECT_TRUE(read("").bodies.empty());
  EXPECT_TRUE(read("\n\n").bodies.empty());
}

TEST(LineBatches, KeepWithinTheirLimits) {
  EXPECT_THAT(read("1\n2\n3\n4\n5\n", {.lines_max = 2}).bodies,
              ElementsAre("1\n2\n", "3\n4\n", "5\n"));
  EXPECT_THAT(read("aaa\nbbb\nccccccccc\nd\n", {.batch_bytes_max = 8}).bodies,
              ElementsAre("aaa\nbbb\n", "ccccccccc\n", "d\n"));
}

TEST(LineBatches, PassOverLinesThatAreTooLong) {
  const std::string wide(1'000'000, 'x');
  const LineBatches::Options options{.line_bytes_max = 10};
  for (const std::string& text : {"a\n" + wide + "\nb\n", "a\n" + wide.substr(0, 11) + "\nb"}) {
    const Read all = read(text, options);
    EXPECT_THAT(all.bodies, ElementsAre("a\nb\n"));
    EXPECT_THAT(all.numbers, ElementsAre(1, 3));
    EXPECT_THAT(all.too_long, ElementsAre(2));
  }
  EXPECT_THAT(read("a\n" + wide, options).too_long, ElementsAre(2));
}

}  // namespace
}  // namespace lynxdb::cli
