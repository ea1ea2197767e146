#include "cluster/membership/identity.h"

#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/random_id.h"
#include "io/whole_file.h"

namespace lynxdb::cluster {
namespace {

constexpr std::string_view kIdentityMagic = "LXND";
constexpr std::string_view kMemberMagic = "LXNM";
constexpr std::uint8_t kIdentityVersion = 1;
constexpr std::uint64_t kIdentityBytesMax = 4096;

std::string identity_path(const std::string& directory) { return directory + "/node"; }
std::string member_path(const std::string& directory) { return directory + "/member"; }

std::string framed(std::string_view magic, std::string_view body) {
  std::string bytes(magic);
  base::put_fixed(kIdentityVersion, bytes);
  base::put_fixed(base::crc32c(body), bytes);
  return bytes.append(body);
}

Result<std::string> read_framed(io::FileSystem& files, const std::string& path,
                                std::string_view magic) {
  const std::string bytes = TRY(io::read_file(files, path, kIdentityBytesMax));
  base::ByteReader in(bytes);
  const bool known = in.take(magic.size()) == magic;
  const auto version = in.fixed<std::uint8_t>();
  const auto crc = in.fixed<std::uint32_t>();
  const std::string_view body = in.take(in.remaining());
  if (!known || version != kIdentityVersion || in.failed() || base::crc32c(body) != crc) {
    return Error{ErrorCode::kCorruption, path + ": is damaged",
                 "a node whose data directory is damaged can be started with an empty one: it gets "
                 "what it needs from the others"};
  }
  return std::string(body);
}

}  // namespace

Result<Identity> open_identity(io::FileSystem& files, const std::string& directory,
                               const std::string& node_name) {
  auto body = read_framed(files, identity_path(directory), kIdentityMagic);
  if (!body && body.error().code == ErrorCode::kNotFound) {
    TRY(files.create_directories(directory));
    Identity made{.node_name = node_name, .incarnation = base::random_number(), .cluster_id = {}};
    TRY(save_identity(files, directory, made));
    return made;
  }
  const std::string bytes = TRY(std::move(body));
  base::ByteReader in(bytes);
  Identity identity;
  identity.node_name = in.string();
  identity.incarnation = in.fixed<std::uint64_t>();
  identity.cluster_id = in.string();
  if (in.failed() || in.remaining() != 0) {
    return Error{ErrorCode::kCorruption, identity_path(directory) + ": cannot be read"};
  }
  if (identity.node_name != node_name) {
    return Error{ErrorCode::kConflict,
                 directory + " is the data directory of node '" + identity.node_name +
                     "', but cluster.node_id is '" + node_name + "'",
                 "give each node its own data_dir, or set the node_id it was made with"};
  }
  return identity;
}

Result<> save_identity(io::FileSystem& files, const std::string& directory,
                       const Identity& identity) {
  std::string body;
  base::put_string(identity.node_name, body);
  base::put_fixed(identity.incarnation, body);
  base::put_string(identity.cluster_id, body);
  return io::replace_file(files, identity_path(directory), framed(kIdentityMagic, body));
}

Result<raft::NodeId> read_member_id(io::FileSystem& files, const std::string& raft_directory) {
  auto body = read_framed(files, member_path(raft_directory), kMemberMagic);
  if (!body && body.error().code == ErrorCode::kNotFound) return raft::kNobody;
  const std::string bytes = TRY(std::move(body));
  base::ByteReader in(bytes);
  return raft::NodeId(in.fixed<std::uint64_t>());
}

Result<> save_member_id(io::FileSystem& files, const std::string& raft_directory, raft::NodeId id) {
  TRY(files.create_directories(raft_directory));
  std::string body;
  base::put_fixed(id.value(), body);
  return io::replace_file(files, member_path(raft_directory), framed(kMemberMagic, body));
}

}  // namespace lynxdb::cluster
