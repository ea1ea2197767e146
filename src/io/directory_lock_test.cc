// One holder at a time; the one who is refused learns who that is.
#include "io/directory_lock.h"

#include <unistd.h>

#include <filesystem>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lynxdb::io {
namespace {

TEST(DirectoryLock, IsHeldByOneAtATime) {
  const std::string directory = ::testing::TempDir() + "lock_test";
  std::filesystem::create_directories(directory);
  {
    const auto first = DirectoryLock::acquire(directory);
    ASSERT_TRUE(first);
    const auto second = DirectoryLock::acquire(directory);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kConflict);
    EXPECT_EQ(second.error().message,
              directory + " is in use by process " + std::to_string(::getpid()));
  }
  EXPECT_TRUE(DirectoryLock::acquire(directory));
  EXPECT_EQ(DirectoryLock::acquire(directory + "/none").error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace lynxdb::io
