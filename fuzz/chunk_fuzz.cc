// Any bytes as a column chunk: reading reports damage or gives a column that survives encoding.
// Each input is read twice: as it is, and with the checksum set right, because chance alone never
// finds one and would leave the decoders unvisited.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "segment/chunk_codec.h"

namespace {

using lynxdb::event::Column;
using lynxdb::event::ColumnPtr;
using lynxdb::event::EventBatch;
using lynxdb::segment::ChunkReader;

// Rows without bytes of their own would only take time.
constexpr std::size_t kRowsMax = 4096;

// Touches every value, for the sanitizers.
void read_all(const Column& column) {
  std::string text;
  for (std::size_t row = 0; row < column.size() && row < kRowsMax; ++row) {
    text.clear();
    lynxdb::event::append_json(column.view(row), text);
  }
}

// Columns of any type under the names that the chunk asks for.
EventBatch siblings_for(const std::vector<std::string>& needs, std::size_t rows) {
  EventBatch batch(rows);
  std::size_t kind = 0;
  for (const std::string& name : needs) {
    switch (kind++ % 4) {
      case 0:
        batch.set(name, Column::constant(lynxdb::event::Value::string("a \"b\""), rows));
        break;
      case 1:
        batch.set(name, Column::ints(std::vector<std::int64_t>(rows, -12)));
        break;
      case 2:
        batch.set(name, Column::floats(std::vector<double>(rows, 1.25)));
        break;
      default:
        batch.set(name, Column::timestamps(std::vector<std::int64_t>(rows, 1'000'000)));
        break;
    }
  }
  return batch;
}

void check_survives(const Column& column) {
  const std::string once = lynxdb::segment::encode_chunk(column, {}).bytes;
  const auto back = lynxdb::segment::decode_chunk(once, nullptr);
  LYNXDB_CHECK(back.has_value());
  LYNXDB_CHECK((*back)->size() == column.size());
  std::string a;
  std::string b;
  for (std::size_t row = 0; row < column.size() && row < kRowsMax; ++row) {
    lynxdb::event::append_json(column.view(row), a);
    lynxdb::event::append_json((*back)->view(row), b);
  }
  LYNXDB_CHECK(a == b);
}

void check(std::string_view bytes) {
  const auto reader = ChunkReader::open(bytes, nullptr);
  if (!reader) return;
  const auto needs = reader->needs();
  if (!needs) return;
  (void)reader->dictionary().has_value();
  if (needs->size() > 16) return;
  if (reader->rows() > 2) {
    const EventBatch few = siblings_for(*needs, 2);
    const std::vector<std::uint32_t> rows = {0, static_cast<std::uint32_t>(reader->rows() - 1)};
    if (const auto some = reader->rows_at(rows, &few)) read_all(**some);
  }
  if (!needs->empty() && reader->rows() > kRowsMax) return;
  const EventBatch siblings = siblings_for(*needs, reader->rows());
  const auto column = reader->column(&siblings);
  if (!column) return;
  read_all(**column);
  if ((*column)->size() <= kRowsMax) check_survives(**column);
}

std::string with_right_checksum(std::string bytes) {
  if (bytes.size() < 8) bytes.resize(8);
  bytes[0] = 1;
  bytes.resize(bytes.size() - 4);
  lynxdb::base::put_fixed(lynxdb::base::crc32c(bytes), bytes);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  check(with_right_checksum(bytes));
  return 0;
}
