#include "event/value_codec.h"

#include <bit>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace lynxdb::event {
namespace {

// Part of the format; Type is free to change.
enum Tag : std::uint8_t {
  kNullTag = 0,
  kFalseTag = 1,
  kTrueTag = 2,
  kIntTag = 3,
  kFloatTag = 4,
  kTimestampTag = 5,
  kStringTag = 6,
  kListTag = 7,
};

Error corrupt(std::string_view what) { return Error{ErrorCode::kCorruption, std::string(what)}; }

void put_word(Tag tag, std::uint64_t word, std::string& out) {
  base::put_fixed(static_cast<std::uint8_t>(tag), out);
  base::put_fixed(word, out);
}

// A value that is no list.
Result<Value> take_scalar(base::ByteReader& in, std::uint8_t tag) {
  switch (tag) {
    case kNullTag:
      return Value();
    case kFalseTag:
      return Value::boolean(false);
    case kTrueTag:
      return Value::boolean(true);
    case kIntTag:
      return Value::integer(in.fixed<std::int64_t>());
    case kFloatTag:
      return Value::floating(std::bit_cast<double>(in.fixed<std::uint64_t>()));
    case kTimestampTag:
      return Value::timestamp(in.fixed<std::int64_t>());
    case kStringTag:
      return Value::string(std::string(in.string()));
    default:
      return corrupt("unknown type tag");
  }
}

Result<Value> take_list(base::ByteReader& in) {
  const std::uint64_t size = in.varint();
  if (in.failed() || size > in.remaining()) return corrupt("a list ends early");
  std::vector<Value> elements;
  elements.reserve(static_cast<std::size_t>(size));
  for (std::uint64_t i = 0; i < size; ++i) {
    elements.push_back(TRY(take_scalar(in, in.fixed<std::uint8_t>())));
    if (in.failed()) return corrupt("a list ends early");
  }
  return Value::list(std::move(elements));
}

}  // namespace

void encode_value(const Value& value, std::string& out) {
  switch (value.type()) {
    case Type::kNull:
      return base::put_fixed(static_cast<std::uint8_t>(kNullTag), out);
    case Type::kBool:
      return base::put_fixed(static_cast<std::uint8_t>(value.as_bool() ? kTrueTag : kFalseTag),
                             out);
    case Type::kInt:
      return put_word(kIntTag, static_cast<std::uint64_t>(value.as_int()), out);
    case Type::kTimestamp:
      return put_word(kTimestampTag, static_cast<std::uint64_t>(value.as_int()), out);
    case Type::kFloat:
      return put_word(kFloatTag, std::bit_cast<std::uint64_t>(value.as_float()), out);
    case Type::kString:
      base::put_fixed(static_cast<std::uint8_t>(kStringTag), out);
      return base::put_string(value.as_string(), out);
    case Type::kList:
      base::put_fixed(static_cast<std::uint8_t>(kListTag), out);
      base::put_varint(value.as_list().size(), out);
      for (const Value& element : value.as_list()) encode_value(element, out);
      return;
  }
}

Result<Value> decode_value(base::ByteReader& in, bool lists_allowed) {
  const auto tag = in.fixed<std::uint8_t>();
  if (tag != kListTag) return take_scalar(in, tag);
  if (!lists_allowed) return corrupt("a list inside a list");
  return take_list(in);
}

}  // namespace lynxdb::event
