#include <algorithm>
#include <string>

#include "segment/encoding/codes.h"
#include "segment/encoding/limits.h"
#include "segment/encoding/slot_values.h"
#include "segment/encoding/template_matcher.h"
#include "segment/encoding/template_parser.h"
#include "segment/encoding/template_rules.h"
#include "segment/encoding/templates.h"
#include "segment/encoding/text_blocks.h"

namespace lynxdb::segment {
namespace {

using Strings = std::span<const std::string_view>;

// Templates that so many rows made one for themselves are none.
constexpr std::size_t kRowsPerTemplateMin = 4;
constexpr std::size_t kSampleRows = 2000;

// --- Rows to templates ---------------------------------------------------------------------------

class Builder {
 public:
  Builder(const TemplateRules& rules, const Siblings& siblings, std::size_t templates_max)
      : parser_(rules, siblings), matcher_(rules, siblings), templates_max_(templates_max) {}

  // False when the texts have too little in common.
  bool add(std::string_view text, std::size_t row);
  EncodedTemplates encode(bool inner_dictionary, Compression compression);

 private:
  struct Slot {
    SlotSpec spec;
    SlotData data;
    std::uint32_t references = 0;
  };

  std::optional<std::uint32_t> slot_of(const Piece& piece);
  void put_value(SlotKind kind, std::int64_t number, std::string_view token, SlotData& data);
  bool add_known(std::string_view text, std::size_t row);
  bool add_whole(std::string_view text);
  std::optional<std::uint32_t> template_of(const std::string& encoded);

  TemplateParser parser_;
  TemplateMatcher matcher_;
  std::size_t templates_max_;
  std::vector<Slot> slots_;
  TextMap<std::uint32_t> slot_by_key_;
  std::string templates_;  // Encoded, one after the other.
  TextMap<std::uint32_t> template_by_encoding_;
  std::vector<std::uint32_t> codes_;
  std::size_t text_bytes_ = 0;
  std::size_t whole_rows_ = 0;
  std::string scratch_;
  std::string key_;
  std::vector<std::uint32_t> row_slots_;
};

std::optional<std::uint32_t> Builder::slot_of(const Piece& piece) {
  std::string& key = key_;
  key.assign({static_cast<char>(piece.spec.kind), static_cast<char>(piece.spec.size)});
  if (is_reference(piece.spec.kind)) {
    base::put_fixed(piece.spec.sibling, key);
  } else {
    key += piece.context;
  }
  const auto found = slot_by_key_.find(key);
  if (found != slot_by_key_.end()) return found->second;
  // One is left for rows that are kept whole.
  if (slots_.size() + 1 >= kSlotsMax) return std::nullopt;
  slots_.push_back({piece.spec, {}, 0});
  const auto slot = static_cast<std::uint32_t>(slots_.size() - 1);
  slot_by_key_.emplace(key, slot);
  return slot;
}

std::uint8_t hex_digit(char c) {
  return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

void Builder::put_value(SlotKind kind, std::int64_t number, std::string_view token,
                        SlotData& data) {
  if (is_reference(kind)) return;
  if (kind == SlotKind::kText) {
    data.texts.values.push_back(token);
  } else if (kind == SlotKind::kHex) {
    for (std::size_t i = 0; i < token.size(); i += 2) {
      data.bytes.push_back(static_cast<char>(hex_digit(token[i]) * 16 + hex_digit(token[i + 1])));
    }
  } else {
    data.numbers.push_back(number);
  }
}

std::optional<std::uint32_t> Builder::template_of(const std::string& encoded) {
  const auto found = template_by_encoding_.find(encoded);
  if (found != template_by_encoding_.end()) return found->second;
  if (template_by_encoding_.size() >= templates_max_) return std::nullopt;
  const auto number = static_cast<std::uint32_t>(template_by_encoding_.size());
  template_by_encoding_.emplace(encoded, number);
  templates_ += encoded;
  return number;
}

// A row that fits no template is one slot of text.
bool Builder::add_whole(std::string_view text) {
  ++whole_rows_;
  if (whole_rows_ > 64 && whole_rows_ > codes_.size() / kRowsPerTemplateMin) return false;
  const auto [found, is_new] =
      slot_by_key_.emplace("whole", static_cast<std::uint32_t>(slots_.size()));
  if (is_new) slots_.push_back({{SlotKind::kText, 0, 0}, {}, 0});
  std::string encoded;
  base::put_varint(1, encoded);
  base::put_string({}, encoded);
  base::put_varint(found->second + 1, encoded);
  const auto number = template_by_encoding_.emplace(
      encoded, static_cast<std::uint32_t>(template_by_encoding_.size()));
  if (number.second) templates_ += encoded;
  slots_[found->second].data.texts.values.push_back(text);
  codes_.push_back(number.first->second);
  return true;
}

bool Builder::add_known(std::string_view text, std::size_t row) {
  const auto number = matcher_.match(text, row);
  if (!number) return false;
  codes_.push_back(*number);
  for (const TemplateMatcher::Value& value : matcher_.values()) {
    put_value(value.kind, value.number, value.token, slots_[value.slot].data);
  }
  return true;
}

bool Builder::add(std::string_view text, std::size_t row) {
  text_bytes_ += text.size();
  if (add_known(text, row)) return true;
  const std::vector<Piece>* pieces = parser_.parse(text, row);
  if (pieces == nullptr) return add_whole(text);
  scratch_.clear();
  row_slots_.clear();
  base::put_varint(pieces->size() + 1, scratch_);
  std::size_t end = 0;
  for (const Piece& piece : *pieces) {
    const std::optional<std::uint32_t> slot = slot_of(piece);
    if (!slot) return add_whole(text);
    row_slots_.push_back(*slot);
    base::put_string(text.substr(end, piece.token.begin - end), scratch_);
    base::put_varint(*slot + 1, scratch_);
    end = piece.token.end;
  }
  base::put_string(text.substr(end), scratch_);
  base::put_varint(0, scratch_);
  const std::optional<std::uint32_t> number = template_of(scratch_);
  if (!number) return add_whole(text);
  codes_.push_back(*number);
  for (std::size_t i = 0; i < pieces->size(); ++i) {
    const auto& [spec, token, context] = (*pieces)[i];
    put_value(spec.kind, token.number, text.substr(token.begin, token.end - token.begin),
              slots_[row_slots_[i]].data);
  }
  matcher_.learn(*number, text, *pieces, row_slots_);
  return true;
}

// --- Templates to bytes --------------------------------------------------------------------------

EncodedTemplates Builder::encode(bool inner_dictionary, Compression compression) {
  EncodedTemplates result;
  std::string& out = result.bytes;
  base::put_varint(text_bytes_, out);
  base::put_varint(slots_.size(), out);
  for (const Slot& slot : slots_) {
    base::put_fixed(static_cast<std::uint8_t>(slot.spec.kind), out);
    base::put_fixed(slot.spec.size, out);
    if (!is_reference(slot.spec.kind)) continue;
    auto& used = result.used_siblings;
    const auto found = std::find(used.begin(), used.end(), slot.spec.sibling);
    base::put_varint(static_cast<std::uint64_t>(found - used.begin()), out);
    if (found == used.end()) used.push_back(slot.spec.sibling);
  }
  base::put_varint(template_by_encoding_.size(), out);
  put_compressed(templates_, compression, out);
  put_codes(codes_, out);
  for (const Slot& slot : slots_) {
    if (!is_reference(slot.spec.kind)) {
      put_slot(slot.spec, slot.data, inner_dictionary, compression, out);
    }
  }
  return result;
}

// --- Choice --------------------------------------------------------------------------------------

std::optional<EncodedTemplates> encode(Strings values, const TemplateRules& rules,
                                       const Siblings& siblings, bool inner_dictionary,
                                       Compression compression) {
  const std::size_t templates_max =
      std::min<std::size_t>(kTemplatesMax - 1, values.size() / kRowsPerTemplateMin + 4);
  Builder builder(rules, siblings, templates_max);
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!builder.add(values[row], row)) return std::nullopt;
  }
  return builder.encode(inner_dictionary, compression);
}

// Whether a part of the strings gets clearly smaller: templates take longer to read than blocks.
bool pays(Strings values, const TemplateRules& rules, const Siblings& siblings,
          bool inner_dictionary, Compression compression) {
  const std::size_t begin = (values.size() - std::min(values.size(), kSampleRows)) / 2;
  const Strings sample = values.subspan(begin, std::min(values.size(), kSampleRows));
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    rows.push_back(static_cast<std::uint32_t>(siblings.row(begin + i)));
  }
  const auto templates =
      encode(sample, rules, {siblings.columns, rows}, inner_dictionary, compression);
  if (!templates) return false;
  std::string blocks;
  put_text_blocks(sample, compression, blocks);
  return templates->bytes.size() < blocks.size() / 10 * 9;
}

}  // namespace

std::optional<EncodedTemplates> encode_templates(Strings values, const Siblings& siblings,
                                                 bool inner_dictionary, Compression compression) {
  constexpr std::size_t kRowsMin = 16;
  if (values.size() < kRowsMin) return std::nullopt;
  std::size_t text_bytes = 0;
  for (const std::string_view value : values) text_bytes += value.size();
  if (text_bytes > kTextBytesMax) return std::nullopt;
  const TemplateRules rules = learn_rules(values, siblings);
  if (!pays(values, rules, siblings, inner_dictionary, compression)) return std::nullopt;
  return encode(values, rules, siblings, inner_dictionary, compression);
}

}  // namespace lynxdb::segment
