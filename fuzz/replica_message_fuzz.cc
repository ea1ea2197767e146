// Any bytes as a message between copies of partitions: decoding reports damage or gives a message
// that survives encoding.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "cluster/rpc/replica_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lynxdb;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto message = cluster::decode_replica_message(bytes);
  if (!message) return 0;
  const std::string once = cluster::encode(*message);
  const auto back = cluster::decode_replica_message(once);
  LYNXDB_CHECK(back.has_value());
  LYNXDB_CHECK(cluster::encode(*back) == once);
  return 0;
}
