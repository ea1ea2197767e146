#include "event/batch_codec.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "event/column_codec.h"

namespace lynxdb::event {
namespace {

constexpr std::string_view kMagic = "LXB";
// A batch is written with the least version that has what it needs.
constexpr std::uint8_t kFirstVersion = 1;
constexpr std::uint8_t kRawRangesVersion = 2;  // Strings may be places in `_raw`.
constexpr std::size_t kFrameBytes = kMagic.size() + sizeof(kFirstVersion) + sizeof(std::uint32_t);

constexpr std::uint8_t kOrderedFlag = 1;      // Of a batch.
constexpr std::uint8_t kNamedFlag = 1;        // Of a field.
constexpr std::uint8_t kSharedFlag = 2;       // Of a field: it has the column of an earlier field.
constexpr std::uint8_t kUnnamedRowsFlag = 4;  // Of a field: some rows do not have it named.

Error corrupt(std::string_view what) {
  return Error{ErrorCode::kCorruption, "event batch: " + std::string(what)};
}

struct CheckedBody {
  std::uint8_t version = 0;
  std::string_view bytes;
};

// What is between the version and the checksum, once both are known to be right.
Result<CheckedBody> checked_body(std::string_view bytes) {
  if (bytes.size() < kFrameBytes) return corrupt("cut short");
  if (!bytes.starts_with(kMagic)) return corrupt("not an event batch");
  const std::string_view covered = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
  const auto crc = base::ByteReader(bytes.substr(covered.size())).fixed<std::uint32_t>();
  if (base::crc32c(covered) != crc) return corrupt("bad checksum");
  const auto version = static_cast<std::uint8_t>(covered[kMagic.size()]);
  if (version < kFirstVersion || version > kRawRangesVersion)
    return corrupt("unknown version " + std::to_string(version));
  return CheckedBody{version, covered.substr(kMagic.size() + sizeof(version))};
}

// What columns behind this field may refer to.
bool is_raw(const Field& field) {
  return field.name == kRaw && field.column->kind() == Kind::kString;
}

// True when a column refers to `_raw`.
bool encode_fields(std::span<const Field> fields, std::string& out) {
  std::unordered_map<const Column*, std::size_t> written;
  const Column* raw = nullptr;
  bool has_ranges = false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    const auto [first, is_new] = written.try_emplace(field.column.get(), i);
    base::put_string(field.name, out);
    const int flags = (field.named ? kNamedFlag : 0) | (is_new ? 0 : kSharedFlag) |
                      (field.unnamed_rows == nullptr ? 0 : kUnnamedRowsFlag);
    base::put_fixed(static_cast<std::uint8_t>(flags), out);
    if (is_new) {
      has_ranges |= encode_column(*field.column, raw, out);
    } else {
      base::put_varint(first->second, out);
    }
    if (field.unnamed_rows != nullptr) encode_column(*field.unnamed_rows, nullptr, out);
    if (raw == nullptr && is_raw(field)) raw = field.column.get();
  }
  return has_ranges;
}

// About what the encoding takes, so that its buffer is seldom moved: the text of `_raw` and few
// bytes of each other value. Wide batches are mostly nulls, which take nothing: no more than so
// much is taken on trust.
std::size_t expected_bytes(const EventBatch& batch) {
  constexpr std::size_t kPerField = 64;
  constexpr std::size_t kPerValue = 12;
  constexpr std::size_t kValuesMax = std::size_t{16} << 20U;
  std::size_t bytes =
      std::min(batch.field_count() * (kPerField + kPerValue * batch.rows()), kValuesMax);
  if (const ColumnPtr* raw = batch.find(kRaw)) {
    for (const std::string_view text : (*raw)->string_values()) bytes += text.size();
  }
  return bytes;
}

Result<ColumnPtr> decode_unnamed_rows(base::ByteReader& in, std::size_t rows,
                                      const Column::Owner& owner) {
  ColumnPtr column = TRY(decode_column(in, rows, nullptr, owner));
  if (rows == 0) return ColumnPtr();  // An empty column has no type, and nothing to say.
  if (column->kind() != Kind::kBool || column->has_nulls())
    return corrupt("unnamed rows that are not booleans");
  return column;
}

Result<Field> decode_field(base::ByteReader& in, std::span<const Field> earlier, const Column* raw,
                           std::size_t rows, const Column::Owner& owner) {
  const std::string_view name = in.string();
  const auto flags = in.fixed<std::uint8_t>();
  if (in.failed()) return corrupt("a field ends early");
  if ((flags & ~(kNamedFlag | kSharedFlag | kUnnamedRowsFlag)) != 0)
    return corrupt("unknown flag of a field");
  Field field{std::string(name), nullptr, (flags & kNamedFlag) != 0};
  if ((flags & kSharedFlag) != 0) {
    const std::uint64_t index = in.varint();
    if (in.failed() || index >= earlier.size()) return corrupt("a column shared with no field");
    field.column = earlier[static_cast<std::size_t>(index)].column;
  } else {
    auto column = decode_column(in, rows, raw, owner);
    if (!column) return std::move(column).error().in("event batch: field '" + field.name + "'");
    field.column = *std::move(column);
  }
  if ((flags & kUnnamedRowsFlag) != 0)
    field.unnamed_rows = TRY(decode_unnamed_rows(in, rows, owner));
  return field;
}

}  // namespace

void encode(const EventBatch& batch, std::string& out) {
  LYNXDB_CHECK(batch.rows() <= kBatchRowsMax);
  LYNXDB_CHECK(batch.field_count() <= kBatchFieldsMax);
  const std::size_t begin = out.size();
  out.reserve(begin + expected_bytes(batch));
  out.append(kMagic);
  base::put_fixed(kFirstVersion, out);
  base::put_fixed(batch.ordered() ? kOrderedFlag : std::uint8_t{0}, out);
  base::put_varint(batch.sequence(), out);
  base::put_varint(batch.rows(), out);
  base::put_varint(batch.field_count(), out);
  if (encode_fields(batch.fields(), out))
    out[begin + kMagic.size()] = static_cast<char>(kRawRangesVersion);
  base::put_fixed(base::crc32c(std::string_view(out).substr(begin)), out);
}

Result<EventBatch> decode(std::string_view bytes, const Column::Owner& owner) {
  const CheckedBody body = TRY(checked_body(bytes));
  base::ByteReader in(body.bytes);
  const auto flags = in.fixed<std::uint8_t>();
  const std::uint64_t sequence = in.varint();
  const std::uint64_t rows = in.varint();
  const std::uint64_t field_count = in.varint();
  if (in.failed()) return corrupt("the header ends early");
  if ((flags & ~kOrderedFlag) != 0) return corrupt("unknown flag");
  if (rows > kBatchRowsMax) return corrupt("too many rows");
  if (field_count > kBatchFieldsMax) return corrupt("too many fields");

  std::vector<Field> fields;
  fields.reserve(std::min<std::size_t>(field_count, in.remaining()));
  const Column* raw = nullptr;
  for (std::uint64_t i = 0; i < field_count; ++i) {
    fields.push_back(TRY(decode_field(in, fields, raw, static_cast<std::size_t>(rows), owner)));
    if (raw == nullptr && body.version >= kRawRangesVersion && is_raw(fields.back()))
      raw = fields.back().column.get();
  }
  if (in.remaining() != 0) return corrupt("bytes after the last field");

  EventBatch batch(static_cast<std::size_t>(rows));
  batch.replace_fields(std::move(fields));
  batch.set_ordered((flags & kOrderedFlag) != 0);
  batch.set_sequence(sequence);
  return batch;
}

}  // namespace lynxdb::event
