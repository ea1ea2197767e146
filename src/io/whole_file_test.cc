// Replacing a file is all or nothing, wherever a crash comes.
#include "io/whole_file.h"

#include <gtest/gtest.h>

#include "io/fault_file.h"

namespace lynxdb::io {
namespace {

TEST(WholeFile, ReadsWhatWasWritten) {
  FaultFileSystem disk;
  ASSERT_TRUE(replace_file(disk, "f", "old"));
  ASSERT_TRUE(replace_file(disk, "f", "new"));
  EXPECT_EQ(*read_file(disk, "f", 3), "new");
  EXPECT_EQ(read_file(disk, "f", 2).error().code, ErrorCode::kOutOfBudget);
  EXPECT_EQ(read_file(disk, "g", 2).error().code, ErrorCode::kNotFound);
}

TEST(WholeFile, HasTheOldBytesOrTheNewOnesAfterACrashAtAnyStep) {
  for (std::uint64_t step = 0;; ++step) {
    SCOPED_TRACE(step);
    FaultFileSystem disk;
    ASSERT_TRUE(replace_file(disk, "f", "old"));
    disk.stop_after(step);
    const bool done = replace_file(disk, "f", "new").has_value();
    disk.crash_torn(step);
    EXPECT_EQ(*read_file(disk, "f", 9), done ? "new" : "old");
    ASSERT_TRUE(replace_file(disk, "f", "newer"));
    if (done) break;
  }
}

}  // namespace
}  // namespace lynxdb::io
