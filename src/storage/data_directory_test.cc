// A data directory belongs to one process, and a store opened in it finds what the last one left;
// without a directory the same store works in memory.
#include "storage/data_directory.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/testing.h"

namespace lynxdb::storage {
namespace {

using ::testing::ElementsAre;
using testing::events;
using ::testing::HasSubstr;
using testing::request;

StoreOptions quiet() {
  StoreOptions options;
  options.background = false;
  options.retention.all = std::chrono::seconds(0);
  return options;
}

TEST(DataDirectory, KeepsEventsOnARealDisk) {
  const std::string path = ::testing::TempDir() + "data_directory_test";
  std::filesystem::remove_all(path);
  for (int start = 0; start < 2; ++start) {
    const auto directory = *DataDirectory::open(path);
    const auto store = *directory->open_store(quiet());
    ASSERT_TRUE(store->append_and_wait(request(events({"a"}), "id a", 1)));
    ASSERT_TRUE(store->flush_now());
    ASSERT_TRUE(store->append_and_wait(request(events({"b"}), "id b", 1)));
    EXPECT_THAT(*testing::ids_in(directory->objects(), store->read_view()), ElementsAre("a", "b"));
    const auto second = DataDirectory::open(path);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("is in use by process"));
  }
  std::filesystem::remove_all(path);
}

TEST(DataDirectory, KeepsEventsInMemoryWithoutAPath) {
  const auto directory = *DataDirectory::open("");
  const auto store = *directory->open_store(quiet());
  ASSERT_TRUE(store->append_and_wait(request(events({"a"}))));
  ASSERT_TRUE(store->flush_now());
  ASSERT_TRUE(store->append_and_wait(request(events({"b"}))));
  ASSERT_TRUE(store->maintain_now());
  EXPECT_THAT(*testing::ids_in(directory->objects(), store->read_view()), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace lynxdb::storage
