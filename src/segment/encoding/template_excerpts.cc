#include "segment/encoding/template_excerpts.h"

#include <algorithm>

namespace lynxdb::segment {
namespace {

using Step = base::RunPattern::Step;

bool is_any_text(SlotKind kind) {
  return kind == SlotKind::kText || kind == SlotKind::kSameText || kind == SlotKind::kSameJson;
}

// All that values of the other kinds are written with.
std::string_view chars_of(SlotKind kind) {
  switch (kind) {
    case SlotKind::kInteger:
    case SlotKind::kPadded:
      return "0123456789";
    case SlotKind::kDecimal:
    case SlotKind::kAddress:
      return "0123456789.";
    case SlotKind::kHex:
      return "0123456789abcdef";
    case SlotKind::kTime:
    case SlotKind::kSameTime:
      return "0123456789.:-TZ";
    default:
      return "0123456789.+-e";
  }
}

// Values of the slot are runs of such bytes, not empty.
bool fits(const SlotSpec& spec, const Step& step) {
  if (is_any_text(spec.kind) || (spec.kind == SlotKind::kHex && spec.size == 0)) return false;
  return std::ranges::all_of(chars_of(spec.kind), [&](char c) { return step.bytes.has(c); });
}

}  // namespace

ExcerptFinder::ExcerptFinder(const base::RunPattern& pattern, std::span<const SlotSpec> specs,
                             const std::vector<bool>& may_hold)
    : pattern_(pattern), specs_(specs), may_hold_(may_hold) {}

TemplateExcerpt ExcerptFinder::excerpt(const TemplateParts& parts) const {
  TemplateExcerpt result;
  Place begin;
  const First first = find_first(parts, begin);
  // Without steps there is nothing to tell where a match ends, nor where it begins.
  if (first == First::kUnknown || (first == First::kHere && pattern_.steps.empty())) {
    result.parts = parts;
    return result;
  }
  if (first == First::kNowhere) begin.part = parts.size();
  const std::optional<Place> end =
      first == First::kHere ? end_of_match(parts, {begin.part, begin.at + pattern_.first.size()})
                            : std::nullopt;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto [literal, slot] = parts[i];
    const bool last = end && i == end->part;
    if (i >= begin.part && (!end || i <= end->part)) {
      const std::size_t from = i == begin.part ? begin.at : 0;
      const std::size_t size = last ? end->at - from : literal.size() - from;
      result.parts.push_back({literal.substr(from, size), last ? 0 : slot});
      if (!last) continue;
    }
    if (slot != 0) (i < begin.part ? result.before : result.behind).push_back(slot);
  }
  return result;
}

// Takes a byte: one of those that stand where `accepted` has a bit in the pattern's first text.
// Bit i of `begun`: what was taken may end with its first i bytes. True when it may be complete.
bool ExcerptFinder::may_take(std::uint64_t& begun, std::uint64_t accepted) const {
  begun = ((begun | 1U) & accepted) << 1U;
  return (begun >> pattern_.first.size() & 1U) != 0;
}

// kHere: the leftmost place where the first text stands, in all texts of the template.
ExcerptFinder::First ExcerptFinder::find_first(const TemplateParts& parts, Place& place) const {
  const std::string_view first = pattern_.first;
  const auto accepted = [&](auto&& may_be) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < first.size(); ++i)
      if (may_be(first[i])) bits |= std::uint64_t{1} << i;
    return bits;
  };
  std::uint64_t begun = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view literal = parts[i].literal;
    for (std::size_t at = 0; at < literal.size(); ++at) {
      if (!may_take(begun, accepted([&](char c) { return c == literal[at]; }))) continue;
      if (!literal.substr(0, at + 1).ends_with(first)) return First::kUnknown;
      place = {i, at + 1 - first.size()};
      return First::kHere;
    }
    if (parts[i].slot == 0) continue;
    const SlotSpec& spec = specs_[parts[i].slot - 1];
    if (is_any_text(spec.kind)) {
      if (begun != 0 || may_hold_[parts[i].slot - 1]) return First::kUnknown;
      begun = (std::uint64_t{1} << first.size()) - 2;
      continue;
    }
    const std::uint64_t bits =
        accepted([&](char c) { return chars_of(spec.kind).find(c) != std::string_view::npos; });
    for (std::size_t taken = 0; taken < first.size(); ++taken) {
      const std::uint64_t before = begun;
      if (may_take(begun, bits)) return First::kUnknown;
      begun |= before;
    }
  }
  return First::kNowhere;
}

// Where the match ends whose first text ends at `at`, and with it what decides about it; nullopt
// when there may be none, or when texts differ in that.
std::optional<ExcerptFinder::Place> ExcerptFinder::end_of_match(const TemplateParts& parts,
                                                                Place at) const {
  for (const Step& step : pattern_.steps) {
    if (!end_of_run(parts, step, at)) return std::nullopt;
    if (step.behind.empty()) {
      // With the byte that ends the run.
      if (at.part < parts.size()) ++at.at;
      return at;
    }
    if (at.part == parts.size()) return std::nullopt;
    if (!parts[at.part].literal.substr(at.at).starts_with(step.behind)) return std::nullopt;
    at.at += step.behind.size();
  }
  return at;
}

// Moves `at` to the byte that ends the run, or behind all parts. False when that may be elsewhere,
// but for the last run, which only needs to have ended, or when the run may be empty and must not.
bool ExcerptFinder::end_of_run(const TemplateParts& parts, const Step& step, Place& at) const {
  bool filled = step.may_be_empty;
  for (; at.part < parts.size(); ++at.part, at.at = 0) {
    const std::string_view literal = parts[at.part].literal;
    for (; at.at < literal.size(); ++at.at) {
      const char byte = literal[at.at];
      if (static_cast<unsigned char>(byte) >= 0x80 && step.bytes.other_characters) {
        if (!filled || !step.behind.empty()) return false;
      } else if (!step.bytes.has(byte)) {
        return filled;
      } else {
        filled = true;
      }
    }
    if (parts[at.part].slot == 0) continue;
    if (fits(specs_[parts[at.part].slot - 1], step)) {
      filled = true;
    } else if (!filled || !step.behind.empty()) {
      return false;
    }
  }
  return filled;
}

}  // namespace lynxdb::segment
