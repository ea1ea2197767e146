// Any bytes as an encoded batch: decoding reports damage or gives a batch that survives encoding.
// Each input is read twice: as it is, and with the frame and checksum set right, because chance
// alone never finds a checksum and would leave the decoder of columns unvisited.
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "event/batch_codec.h"

namespace {

using lynxdb::event::EventBatch;

// Touches every value, for the sanitizers; rows without bytes of their own would only take time.
void read_all(const EventBatch& batch) {
  constexpr std::size_t kRowsMax = 4096;
  std::string text;
  for (const auto& field : batch.fields()) {
    for (std::size_t row = 0; row < batch.rows() && row < kRowsMax; ++row) {
      text.clear();
      lynxdb::event::append_json(field.column->view(row), text);
    }
  }
}

void check(std::string_view bytes) {
  const auto batch = lynxdb::event::decode(bytes, nullptr);
  if (!batch) return;
  read_all(*batch);
  std::string once;
  lynxdb::event::encode(*batch, once);
  const auto back = lynxdb::event::decode(once, nullptr);
  LYNXDB_CHECK(back.has_value());
  std::string twice;
  lynxdb::event::encode(*back, twice);
  LYNXDB_CHECK(once == twice);
}

std::string with_right_frame(std::string bytes) {
  if (bytes.size() < 8) bytes.resize(8);
  bytes.replace(0, 4, "LXB\x02");
  bytes.resize(bytes.size() - 4);
  lynxdb::base::put_fixed(lynxdb::base::crc32c(bytes), bytes);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  check(with_right_frame(bytes));
  return 0;
}
