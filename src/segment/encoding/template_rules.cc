#include "segment/encoding/template_rules.h"

#include <algorithm>
#include <map>

#include "segment/encoding/floats.h"
#include "segment/encoding/template_parser.h"

namespace lynxdb::segment {
namespace {

constexpr std::size_t kContextBytesMax = 16;
constexpr std::size_t kSampleRows = 1000;

bool ends_context(char c) { return c == ' ' || c == ',' || c == '\t' || c == '{' || c == '['; }

// What was seen behind one context.
struct Sightings {
  std::size_t tokens = 0;
  std::map<std::uint32_t, std::size_t> same_as;  // Columns: how often they had the same value.
  std::map<std::uint8_t, std::size_t> padded;    // Numbers with zeros ahead, by their digits.
  std::map<std::uint8_t, std::size_t> hex;
};

bool is_number(event::Type type) {
  return type == event::Type::kInt || type == event::Type::kFloat ||
         type == event::Type::kTimestamp;
}

// --- Strings -------------------------------------------------------------------------------------

// The columns of strings that are worth looking for.
std::vector<std::uint32_t> found_texts(std::span<const std::string_view> values,
                                       std::span<const std::size_t> sample,
                                       const Siblings& siblings) {
  TemplateRules candidates;
  for (std::uint32_t i = 0; i < siblings.columns.size(); ++i) {
    const event::Kind kind = siblings.columns[i]->kind();
    if (kind == event::Kind::kString || kind == event::Kind::kDictionary) {
      candidates.texts.push_back(i);
    }
  }
  if (candidates.texts.empty()) return {};
  std::vector<std::size_t> hits(siblings.columns.size());
  TemplateParser parser(candidates, siblings);
  for (const std::size_t row : sample) {
    const auto* pieces = parser.parse(values[row], row);
    if (pieces == nullptr) continue;
    for (const Piece& piece : *pieces) {
      if (is_reference(piece.spec.kind)) ++hits[piece.spec.sibling];
    }
  }
  std::vector<std::uint32_t> found;
  for (const std::uint32_t i : candidates.texts) {
    if (hits[i] > sample.size() / 100) found.push_back(i);
  }
  return found;
}

// --- Numbers -------------------------------------------------------------------------------------

void look_at(const Piece& piece, std::string_view text, std::size_t row, const Siblings& siblings,
             Sightings& seen) {
  ++seen.tokens;
  const Token& token = piece.token;
  if (token.zeros_ahead) ++seen.padded[token.size];
  if (token.kind == SlotKind::kHex) ++seen.hex[token.size];
  for (std::uint32_t i = 0; i < siblings.columns.size(); ++i) {
    const event::ValueView value = siblings.columns[i]->view(siblings.row(row));
    if (is_number(value.type()) && same_value(text, token, value)) ++seen.same_as[i];
  }
}

template <typename Key>
std::optional<Key> most_frequent(const std::map<Key, std::size_t>& counts, std::size_t least) {
  std::optional<Key> best;
  for (const auto& [key, count] : counts) {
    if (count < least) continue;
    if (!best || counts.at(*best) < count) best = key;
  }
  return best;
}

TokenRule rule_for(const Sightings& seen) {
  TokenRule rule;
  // Numbers are equal by chance now and then; a column that is repeated is so nearly always.
  rule.sibling = most_frequent(seen.same_as, std::max<std::size_t>(3, seen.tokens * 6 / 10));
  rule.padded = most_frequent(seen.padded, std::max<std::size_t>(2, seen.tokens / 100)).value_or(0);
  rule.hex = most_frequent(seen.hex, std::max<std::size_t>(2, seen.tokens / 4)).value_or(0);
  return rule;
}

}  // namespace

std::string_view context_of(std::string_view text, std::size_t from, std::size_t token) {
  const std::size_t least =
      std::max(from, token > kContextBytesMax ? token - kContextBytesMax : std::size_t{0});
  std::size_t begin = token;
  // A lone separator says nothing: the word before it counts as well.
  while (begin > least && ends_context(text[begin - 1])) --begin;
  while (begin > least && !ends_context(text[begin - 1])) --begin;
  return text.substr(begin, token - begin);
}

std::optional<SameText> same_text(std::string_view text, std::size_t at, std::string_view value) {
  const std::string_view from = text.substr(at);
  const auto ends_word = [&](std::size_t size) {
    return size >= from.size() || !is_word_char(from[size]) || !is_word_char(from[size - 1]);
  };
  const std::size_t both = std::min(from.size(), value.size());
  std::size_t same = 0;
  while (same < both && from[same] == value[same]) ++same;
  if (same == value.size()) {
    if (value.empty() || !ends_word(same)) return std::nullopt;
    return SameText{SlotKind::kSameText, same};
  }
  // Where an escape begins, the rest may still be the value as JSON has it.
  const char c = value[same];
  const bool special = c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ';
  if (!special || same >= from.size() || from[same] != '\\') return std::nullopt;
  std::string escaped;
  event::append_json_string(value, escaped);
  const std::string_view inner = std::string_view(escaped).substr(1, escaped.size() - 2);
  if (!from.starts_with(inner) || !ends_word(inner.size())) return std::nullopt;
  return SameText{SlotKind::kSameJson, inner.size()};
}

std::optional<SlotSpec> same_value(std::string_view text, const Token& token,
                                   event::ValueView value) {
  switch (value.type()) {
    case event::Type::kInt:
      if (token.kind != SlotKind::kInteger || value.as_int() != token.number) return std::nullopt;
      return SlotSpec{SlotKind::kSameText, 0, 0};
    case event::Type::kFloat: {
      if (token.kind == SlotKind::kDecimal &&
          as_decimal(value.as_float(), token.size) == token.number) {
        return SlotSpec{SlotKind::kSameDecimal, token.size, 0};
      }
      if (token.kind != SlotKind::kInteger || as_decimal(value.as_float(), 0) != token.number) {
        return std::nullopt;
      }
      std::string written;
      event::append_text(value, written);
      if (written != text.substr(token.begin, token.end - token.begin)) return std::nullopt;
      return SlotSpec{SlotKind::kSameText, 0, 0};
    }
    case event::Type::kTimestamp:
      if (token.kind != SlotKind::kTime || value.as_int() != token.number) return std::nullopt;
      return SlotSpec{SlotKind::kSameTime, token.size, 0};
    default:
      return std::nullopt;
  }
}

TemplateRules learn_rules(std::span<const std::string_view> values, const Siblings& siblings) {
  std::vector<std::size_t> sample;
  const std::size_t stride = std::max<std::size_t>(1, values.size() / kSampleRows);
  for (std::size_t row = 0; row < values.size(); row += stride) sample.push_back(row);

  TemplateRules rules;
  rules.texts = found_texts(values, sample, siblings);
  TextMap<Sightings> sightings;
  TemplateParser parser(rules, siblings);
  for (const std::size_t row : sample) {
    const auto* pieces = parser.parse(values[row], row);
    if (pieces == nullptr) continue;
    for (const Piece& piece : *pieces) {
      if (is_reference(piece.spec.kind)) continue;
      look_at(piece, values[row], row, siblings, sightings[std::string(piece.context)]);
    }
  }
  for (const auto& [context, seen] : sightings) rules.of_context[context] = rule_for(seen);
  return rules;
}

}  // namespace lynxdb::segment
