// What the object store alone is enough for: a new node that is ordered to goes on from what
// another one flushed, once.
#include "storage/manifest/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/manifest/manifest_mirror.h"
#include "storage/testing.h"

namespace lynxdb::storage {
namespace {

using ::testing::ElementsAre;
using testing::events;
using testing::ids_in;
using ::testing::IsEmpty;
using testing::request;
using ::testing::SizeIs;
using testing::TestNode;
using ::testing::UnorderedElementsAre;

class Manifests : public ::testing::Test {
 protected:
  Manifests() {
    node_.options.compaction.interval = std::chrono::milliseconds(0);
    EXPECT_TRUE(node_.open());
  }

  void flush(const std::vector<std::string>& ids) {
    ASSERT_TRUE(node_.store->append_and_wait(request(events(ids))));
    ASSERT_TRUE(node_.store->flush_now());
  }
  std::vector<io::ObjectInfo> kept() { return *io::list_all(*node_.objects, "manifests/", 1000); }
  std::string own_id() { return node_.metadata->state()->cluster_id; }

  // A node that has nothing but the objects.
  struct NewNode {
    std::unique_ptr<metadata::LocalMetadata> metadata;
    std::unique_ptr<Store> store;
  };
  Result<NewNode> new_node(const std::string& directory) {
    NewNode node;
    node.metadata = TRY(metadata::LocalMetadata::open(node_.disk, {directory + "/meta", 2000}));
    StoreOptions options = node_.options;
    options.directory = directory;
    node.store = TRY(Store::open(std::move(options), node_.disk, *node_.objects, *node.metadata));
    return node;
  }
  std::vector<std::string> ids(const NewNode& node) {
    return *ids_in(*node_.objects, node.store->read_view());
  }

  TestNode node_;
};

TEST_F(Manifests, ANewNodeGoesOnFromWhatWasFlushed) {
  flush({"a", "b"});
  flush({"c"});
  ASSERT_TRUE(node_.store->maintain_now());
  ASSERT_TRUE(node_.store->append_and_wait(request(events({"lost with the disk"}))));
  const auto manifests = list_manifests(*node_.objects);
  ASSERT_TRUE(manifests);
  ASSERT_THAT(*manifests, SizeIs(1));
  EXPECT_EQ(manifests->front().cluster_id, own_id());
  const std::string old_id = own_id();
  node_.store.reset();

  ASSERT_TRUE(put_order(*node_.objects, {manifests->front().key, "new-id"}));
  auto node = new_node("new");
  ASSERT_TRUE(node) << node.error().message;
  EXPECT_EQ(node->metadata->state()->cluster_id, "new-id");
  EXPECT_THAT(ids(*node), UnorderedElementsAre("a", "b", "c"));
  // It takes events as any other, and the order is done.
  ASSERT_TRUE(node->store->append_and_wait(request(events({"d"}))));
  ASSERT_TRUE(node->store->flush_now());
  ASSERT_TRUE(node->store->maintain_now());
  EXPECT_THAT(ids(*node), UnorderedElementsAre("a", "b", "c", "d"));
  EXPECT_FALSE(*read_order(*node_.objects));
  auto other = new_node("other");
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_THAT(ids(*other), IsEmpty());
  EXPECT_NE(other->metadata->state()->cluster_id, old_id);
}

TEST_F(Manifests, ANewNodeWaitsWhenItCannotKnowWhatWasOrdered) {
  node_.outage.is_down = true;
  const auto node = new_node("new");
  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().code, ErrorCode::kUnavailable);
}

TEST_F(Manifests, AnOrderForWhatIsNotThereFoundsNothing) {
  ASSERT_TRUE(put_order(*node_.objects, {manifest_key("gone", 7), "new-id"}));
  EXPECT_FALSE(new_node("new"));
  ASSERT_TRUE(node_.objects->put("manifests/rebuild", "what"));
  const auto node = new_node("new");
  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().code, ErrorCode::kCorruption);
}

TEST_F(Manifests, AreWrittenWhenSegmentsChangeAndOldOnesGo) {
  ManifestMirror mirror(*node_.objects, *node_.metadata);
  ASSERT_TRUE(mirror.update());
  ASSERT_TRUE(mirror.update());
  ASSERT_THAT(kept(), SizeIs(1));
  for (const std::string id : {"a", "b", "c"}) {
    flush({id});
    ASSERT_TRUE(mirror.update());
  }
  ASSERT_THAT(kept(), SizeIs(2));
  const auto newest = list_manifests(*node_.objects);
  EXPECT_EQ(newest->front().version, node_.metadata->state()->version);
  EXPECT_EQ(read_manifest(*node_.objects, newest->front())->segments.size(), 3U);
  // Another one that takes over removes those, too.
  ManifestMirror next(*node_.objects, *node_.metadata);
  flush({"d"});
  ASSERT_TRUE(next.update());
  EXPECT_THAT(kept(), SizeIs(2));
}

TEST_F(Manifests, AnOrderForAnotherClusterStays) {
  ASSERT_TRUE(put_order(*node_.objects, {manifest_key("other", 7), "new-id"}));
  ASSERT_TRUE(node_.store->maintain_now());
  EXPECT_TRUE(*read_order(*node_.objects));
}

}  // namespace
}  // namespace lynxdb::storage
