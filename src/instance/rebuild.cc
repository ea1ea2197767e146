#include "instance/rebuild.h"

#include <map>
#include <set>
#include <utility>

#include "base/random_id.h"

namespace lynxdb::instance {
namespace {

using Sizes = std::map<std::string, std::uint64_t>;

// Of the objects whose keys begin alike, page by page.
Result<> add_sizes(io::ObjectStore& objects, const std::string& prefix, Sizes& sizes) {
  std::string after;
  for (bool more = true; more;) {
    const io::ObjectPage page = TRY(objects.list(prefix, after));
    for (const io::ObjectInfo& object : page.objects) sizes[object.key] = object.size_bytes;
    if (!page.objects.empty()) after = page.objects.back().key;
    more = page.more && !page.objects.empty();
  }
  return {};
}

// Keys are PREFIX/CLUSTER/...: a cluster that was rebuilt before has those of several.
std::string cluster_prefix(const std::string& key) {
  const std::size_t first = key.find('/');
  const std::size_t second = key.find('/', first == std::string::npos ? first : first + 1);
  return second == std::string::npos ? key : key.substr(0, second + 1);
}

Result<RebuildSource> describe(io::ObjectStore& objects, const storage::ManifestInfo& manifest,
                               const metadata::State& state) {
  RebuildSource source{.manifest = manifest,
                       .partitions = state.partitions.size(),
                       .segments = state.segments.size()};
  std::set<std::string> prefixes;
  for (const auto& [id, segment] : state.segments)
    prefixes.insert(cluster_prefix(segment->object_key));
  Sizes sizes;
  for (const std::string& prefix : prefixes) TRY(add_sizes(objects, prefix, sizes));
  for (const auto& [id, segment] : state.segments) {
    source.events += segment->rows;
    source.size_bytes += segment->size_bytes;
    const auto found = sizes.find(segment->object_key);
    if (found == sizes.end() || found->second != segment->size_bytes)
      source.missing.push_back(segment->object_key);
  }
  return source;
}

}  // namespace

Result<std::vector<RebuildSource>> rebuild_sources(io::ObjectStore& objects) {
  std::vector<RebuildSource> sources;
  std::map<std::string, std::vector<std::string>> users;  // Of each object: the clusters.
  std::map<std::string, std::set<std::string>> keys;      // Of each cluster.
  for (const storage::ManifestInfo& manifest : TRY(storage::list_manifests(objects))) {
    const metadata::State state = TRY(storage::read_manifest(objects, manifest));
    if (state.segments.empty()) continue;
    for (const auto& [id, segment] : state.segments) {
      users[segment->object_key].push_back(manifest.cluster_id);
      keys[manifest.cluster_id].insert(segment->object_key);
    }
    sources.push_back(TRY(describe(objects, manifest, state)));
  }
  // Who has another's segments, below whose name they are, goes on from it.
  for (RebuildSource& source : sources) {
    for (const std::string& key : keys[source.manifest.cluster_id]) {
      if (cluster_prefix(key).find("/" + source.manifest.cluster_id + "/") == std::string::npos)
        continue;
      for (const std::string& user : users[key])
        if (user != source.manifest.cluster_id) source.goes_on_as = user;
    }
  }
  return sources;
}

Result<std::string> order_rebuild(io::ObjectStore& objects, const RebuildSource& source) {
  const storage::RebuildOrder order{.manifest_key = source.manifest.key,
                                    .cluster_id = base::random_id()};
  TRY(storage::put_order(objects, order));
  return order.cluster_id;
}

}  // namespace lynxdb::instance
