#include "segment/encoding/templates.h"

#include "segment/encoding/limits.h"

namespace lynxdb::segment {
std::optional<EncodedTemplates> encode_templates(std::span<const std::string_view>, const Siblings&,
                                                 bool, Compression) {
  return std::nullopt;
}
Result<Templates> Templates::parse(base::ByteReader&, std::size_t, bool, std::size_t) {
  return corrupt("unknown form of strings");
}
Result<TextValues> Templates::all(const Siblings&) const { return TextValues(); }
Result<TextValues> Templates::at(std::span<const std::uint32_t>, const Siblings&) const {
  return TextValues();
}
}  // namespace lynxdb::segment
