#include "storage/manifest/manifest.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <map>

namespace lynxdb::storage {
namespace {

constexpr std::string_view kPrefix = "manifests/";
constexpr std::string_view kOrderKey = "manifests/rebuild";
constexpr std::size_t kManifestsMax = 100'000;
constexpr std::uint64_t kOrderBytesMax = 4096;
constexpr std::size_t kVersionDigits = 20;

// "" when the key is of something else.
std::optional<ManifestInfo> parse_key(const io::ObjectInfo& object) {
  const std::string_view rest = std::string_view(object.key).substr(kPrefix.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || rest.size() - slash - 1 != kVersionDigits)
    return std::nullopt;
  ManifestInfo info{.cluster_id = std::string(rest.substr(0, slash)),
                    .key = object.key,
                    .size_bytes = object.size_bytes,
                    .written_ns = object.modified_ns};
  const std::string_view digits = rest.substr(slash + 1);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), info.version);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  return info;
}

Error bad_order(std::string_view what) {
  return Error{ErrorCode::kCorruption, fmt::format("{}: {}", kOrderKey, what),
               "run `lynxdb cluster rebuild` again, or delete the object"};
}

}  // namespace

std::string manifest_key(std::string_view cluster_id, metadata::Version version) {
  return fmt::format("{}{}/{:0{}}", kPrefix, cluster_id, version, kVersionDigits);
}

Result<std::vector<ManifestInfo>> list_manifests(io::ObjectStore& objects) {
  std::map<std::string, ManifestInfo> newest;
  for (const io::ObjectInfo& object : TRY(io::list_all(objects, kPrefix, kManifestsMax))) {
    auto info = parse_key(object);
    if (info) newest.insert_or_assign(info->cluster_id, *std::move(info));  // By version.
  }
  std::vector<ManifestInfo> manifests;
  for (auto& [id, info] : newest) manifests.push_back(std::move(info));
  return manifests;
}

Result<metadata::State> read_manifest(io::ObjectStore& objects, const ManifestInfo& manifest) {
  const std::string bytes =
      TRY(objects.get(manifest.key, {.offset = 0, .size = manifest.size_bytes}));
  auto state = metadata::decode_state(bytes);
  if (!state) return std::move(state).error().in(manifest.key);
  return state;
}

// Two lines.
Result<> put_order(io::ObjectStore& objects, const RebuildOrder& order) {
  return objects.put(kOrderKey, order.manifest_key + "\n" + order.cluster_id + "\n");
}

Result<std::optional<RebuildOrder>> read_order(io::ObjectStore& objects) {
  const auto info = objects.head(kOrderKey);
  if (!info && info.error().code == ErrorCode::kNotFound) return std::optional<RebuildOrder>();
  const std::uint64_t size = TRY(info).size_bytes;
  if (size > kOrderBytesMax) return bad_order("is too long");
  const std::string text = TRY(objects.get(kOrderKey, {.offset = 0, .size = size}));
  const std::size_t end = text.find('\n');
  if (end == std::string::npos || text.find('\n', end + 1) != text.size() - 1)
    return bad_order("is not two lines");
  RebuildOrder order{text.substr(0, end), text.substr(end + 1, text.size() - end - 2)};
  if (!order.manifest_key.starts_with(kPrefix) || order.cluster_id.empty())
    return bad_order("names no manifest");
  return std::optional<RebuildOrder>(std::move(order));
}

Result<> remove_order(io::ObjectStore& objects) {
  const std::array<std::string, 1> keys = {std::string(kOrderKey)};
  return objects.remove(keys);
}

Result<metadata::Command> founding_command(io::ObjectStore& objects,
                                           metadata::CreateCluster create) {
  const std::optional<RebuildOrder> order = TRY(read_order(objects));
  if (!order) return metadata::Command(std::move(create));
  metadata::RestoreCluster restore{.cluster_id = order->cluster_id,
                                   .replication_factor = create.replication_factor,
                                   .min_isr = create.min_isr};
  const io::ObjectInfo info = TRY(objects.head(order->manifest_key));
  restore.left = TRY(objects.get(order->manifest_key, {.offset = 0, .size = info.size_bytes}));
  if (auto state = metadata::decode_state(restore.left); !state)
    return std::move(state).error().in(order->manifest_key);
  return metadata::Command(std::move(restore));
}

}  // namespace lynxdb::storage
