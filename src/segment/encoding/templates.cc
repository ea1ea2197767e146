#include "segment/encoding/templates.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/stop_scope.h"
#include "segment/encoding/codes.h"
#include "segment/encoding/limits.h"
#include "segment/encoding/row_strings.h"
#include "segment/encoding/slot_values.h"
#include "segment/encoding/template_excerpts.h"
#include "segment/encoding/template_renderer.h"

namespace lynxdb::segment {
namespace {

using Part = TemplatePart;
using Template = TemplateParts;

// The decoded templates; more than any encoder makes.
constexpr std::size_t kTemplateBytesMax = std::size_t{64} << 20U;

Result<Template> take_template(base::ByteReader& in, std::size_t slots) {
  const std::uint64_t parts = in.varint();
  if (in.failed() || parts > kTemplatePartsMax) return corrupt("a template of too many parts");
  Template result;
  result.reserve(static_cast<std::size_t>(parts));
  for (std::uint64_t i = 0; i < parts; ++i) {
    Part part;
    part.literal = in.string();
    const std::uint64_t slot = in.varint();
    if (in.failed() || slot > slots) return corrupt("a template with an unknown slot");
    part.slot = static_cast<std::uint32_t>(slot);
    result.push_back(part);
  }
  return result;
}

Result<std::vector<SlotSpec>> take_specs(base::ByteReader& in, std::size_t siblings) {
  const std::uint64_t count = in.varint();
  if (in.failed() || count > kSlotsMax) return corrupt("too many slots");
  std::vector<SlotSpec> specs;
  for (std::uint64_t i = 0; i < count; ++i) {
    SlotSpec spec;
    spec.kind = static_cast<SlotKind>(in.fixed<std::uint8_t>());
    spec.size = in.fixed<std::uint8_t>();
    const std::uint64_t sibling = is_reference(spec.kind) ? in.varint() : 0;
    spec.sibling = static_cast<std::uint32_t>(std::min<std::uint64_t>(sibling, UINT32_MAX));
    if (in.failed() || !is_possible(spec, siblings)) return corrupt("an impossible slot");
    specs.push_back(spec);
  }
  return specs;
}

}  // namespace

class Templates::Impl {
 public:
  static Result<std::shared_ptr<const Impl>> parse(base::ByteReader& in, std::size_t count,
                                                   bool inner_dictionary, std::size_t siblings);

  Result<TextValues> all(const Siblings& siblings) const;
  Result<TextValues> at(std::span<const std::uint32_t> rows, const Siblings& siblings) const;
  Result<std::optional<TextValues>> excerpts(const base::RunPattern& pattern,
                                             std::span<const TextHits* const> siblings,
                                             const FetchSibling& fetch,
                                             std::span<const std::uint32_t> rows) const;
  Result<std::optional<NumberedValues>> numbered() const;
  Result<TextHits> hits(const LiteralQuery& query, Stretch stretch,
                        std::span<const TextHits* const> siblings,
                        std::span<const std::uint32_t> rows) const;

 private:
  using Counts = std::vector<std::size_t>;        // Of values, for each slot.
  using Excerpts = std::vector<TemplateExcerpt>;  // Of each template.

  TextHits template_hits(const LiteralQuery& query, std::vector<std::uint64_t>& begun) const;
  Result<std::vector<TextHits>> own_hits(const LiteralQuery& query,
                                         std::span<const Stretch> stretches,
                                         std::span<const std::uint64_t> begun) const;
  std::vector<Stretch> all_values() const;
  Result<std::vector<Stretch>> slot_stretches(std::span<const std::uint32_t> codes,
                                              Stretch rows) const;
  std::vector<std::vector<std::uint32_t>> slots_that_matter(
      std::span<const TextHits> own, std::span<const TextHits* const> siblings) const;

  explicit Impl(Codes codes) : codes_(std::move(codes)) {}
  Result<void> check_counts(const Counts& used) const;
  void skip(std::span<const std::uint32_t> codes, Counts& next) const;
  Result<std::vector<SlotData>> slots_at(std::span<const std::uint32_t> rows,
                                         std::span<const std::uint32_t> codes) const;
  // `slots` holds the values that the rows use, in their order. With `excerpts`: these alone.
  Result<TextValues> render(std::span<const std::uint32_t> codes, std::span<const SlotData> slots,
                            const Siblings& siblings, const Excerpts* excerpts = nullptr) const;
  std::size_t fixed_bytes(const Template& parts) const;
  Result<std::vector<bool>> slots_that_may_hold(const std::string& literal,
                                                std::span<const TextHits* const> siblings) const;
  std::vector<bool> slots_of(Excerpts& excerpts) const;

  std::string literals_;  // What the parts borrow from; padded.
  std::vector<Template> templates_;
  std::vector<SlotSpec> specs_;
  std::vector<std::optional<SlotValues>> values_;
  Codes codes_;
  std::size_t text_bytes_ = 0;
};

// --- Parsing -------------------------------------------------------------------------------------

Result<std::shared_ptr<const Templates::Impl>> Templates::Impl::parse(base::ByteReader& in,
                                                                      std::size_t count,
                                                                      bool inner_dictionary,
                                                                      std::size_t siblings) {
  const std::uint64_t text_bytes = in.varint();
  if (in.failed() || text_bytes > kTextBytesMax) return corrupt("too much text");
  std::vector<SlotSpec> specs = TRY(take_specs(in, siblings));
  const std::uint64_t templates = in.varint();
  if (in.failed() || templates > kTemplatesMax) return corrupt("too many templates");
  const CompressedBlock block = TRY(take_compressed(in, kTemplateBytesMax));
  Codes codes = TRY(Codes::parse(in, count, templates));
  const std::shared_ptr<Impl> impl(new Impl(std::move(codes)));
  impl->text_bytes_ = static_cast<std::size_t>(text_bytes);
  impl->literals_.resize(block.size + TextRoom::kSlack);
  TRY(decompress(block, impl->literals_.data()));
  base::ByteReader literals(std::string_view(impl->literals_).substr(0, block.size));
  for (std::uint64_t i = 0; i < templates; ++i) {
    impl->templates_.push_back(TRY(take_template(literals, specs.size())));
  }
  for (const SlotSpec& spec : specs) {
    impl->values_.emplace_back();
    if (is_reference(spec.kind)) continue;
    impl->values_.back() = TRY(SlotValues::parse(in, spec, inner_dictionary));
  }
  impl->specs_ = std::move(specs);
  return std::shared_ptr<const Impl>(impl);
}

// Every slot has as many values as the rows' templates use.
Result<void> Templates::Impl::check_counts(const Counts& used) const {
  for (std::size_t slot = 0; slot < specs_.size(); ++slot) {
    if (values_[slot] && values_[slot]->size() != used[slot]) {
      return corrupt("a slot with another number of values than its templates use");
    }
  }
  return {};
}

// --- Rendering -----------------------------------------------------------------------------------

// Room for what is the same length in all rows of a template, or has a bound.
std::size_t Templates::Impl::fixed_bytes(const Template& parts) const {
  std::size_t bytes = 0;
  for (const Part& part : parts) {
    bytes += part.literal.size();
    if (part.slot == 0) continue;
    const SlotSpec& spec = specs_[part.slot - 1];
    bytes += spec.kind == SlotKind::kHex ? std::size_t{spec.size} * 2 : kNumberCharsMax;
  }
  return bytes;
}

Result<TextValues> Templates::Impl::render(std::span<const std::uint32_t> codes,
                                           std::span<const SlotData> slots,
                                           const Siblings& siblings,
                                           const Excerpts* excerpts) const {
  const auto room = std::make_shared<TextRoom>();
  TextValues result{std::vector<std::string_view>(codes.size()), room};
  std::vector<std::span<const Part>> parts_of;
  std::vector<std::size_t> fixed;
  for (std::size_t code = 0; code < templates_.size(); ++code) {
    const Template& parts = excerpts == nullptr ? templates_[code] : (*excerpts)[code].parts;
    parts_of.emplace_back(parts);
    fixed.push_back(fixed_bytes(parts));
  }
  Counts next(specs_.size());
  std::vector<RowStrings> strings;
  for (const event::ColumnPtr& column : siblings.columns) strings.emplace_back(*column);
  std::vector<RowStrings> far;
  std::ranges::copy_if(strings, std::back_inserter(far), &RowStrings::are_far_apart);
  std::string scratch;
  std::size_t bytes_left = text_bytes_;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (i % kRowsPerLook == 0 && base::must_stop()) return stopped_decoding();
    if (i + RowStrings::kFar < codes.size()) {
      for (const RowStrings& column : far)
        column.prefetch(siblings.row(i + RowStrings::kFar), siblings.row(i + RowStrings::kNear));
    }
    const std::size_t behind = fixed[codes[i]];
    char* at = room->begin(behind);
    const auto append = [&](std::string_view text) {
      return render_text(text, room->more(at, text.size() + behind));
    };
    if (excerpts != nullptr)
      for (const std::uint32_t slot : (*excerpts)[codes[i]].before) ++next[slot - 1];
    for (const Part& part : parts_of[codes[i]]) {
      at = render_padded(part.literal, at);
      if (part.slot == 0) continue;
      const std::size_t slot = part.slot - 1;
      const SlotSpec& spec = specs_[slot];
      if (is_reference(spec.kind)) {
        const std::size_t row = siblings.row(i);
        at = spec.kind == SlotKind::kSameText && strings[spec.sibling].any()
                 ? append(strings[spec.sibling].at(row))
                 : render_reference(spec, siblings.columns[spec.sibling]->view(row), scratch, *room,
                                    at, behind);
      } else if (spec.kind == SlotKind::kText) {
        at = append(slots[slot].texts.values[next[slot]++]);
      } else if (spec.kind == SlotKind::kHex) {
        at = render_hex(slots[slot].bytes.data() + next[slot]++ * spec.size, spec.size, at);
      } else {
        at = render_number(spec, slots[slot].numbers[next[slot]++], at);
      }
      if (at == nullptr) return corrupt("a value that does not fit its template");
      if (room->size(at) > bytes_left) return corrupt("more text than announced");
    }
    if (excerpts != nullptr)
      for (const std::uint32_t slot : (*excerpts)[codes[i]].behind) ++next[slot - 1];
    if (room->size(at) > bytes_left) return corrupt("more text than announced");
    result.values[i] = room->finish(at);
    bytes_left -= result.values[i].size();
  }
  return result;
}

Result<TextValues> Templates::Impl::all(const Siblings& siblings) const {
  const std::vector<std::uint32_t> codes = TRY(codes_.all());
  Counts used(specs_.size());
  skip(codes, used);
  TRY(check_counts(used));
  std::vector<SlotData> slots(specs_.size());
  for (std::size_t slot = 0; slot < specs_.size(); ++slot) {
    if (values_[slot]) slots[slot] = TRY(values_[slot]->all());
  }
  return render(codes, slots, siblings);
}

// Counts the values that the rows of `codes` use. Many rows are counted by template first: walking
// the parts of each would cost more than all else when one row in thousands is wanted.
void Templates::Impl::skip(std::span<const std::uint32_t> codes, Counts& next) const {
  const auto use = [&](std::size_t code, std::size_t times) {
    for (const Part& part : templates_[code]) {
      if (part.slot != 0) next[part.slot - 1] += times;
    }
  };
  if (codes.size() <= templates_.size()) {
    for (const std::uint32_t code : codes) use(code, 1);
    return;
  }
  // Neighbours mostly have the same template, and a counter can be raised once in a few cycles.
  Counts even(templates_.size());
  Counts odd(templates_.size());
  for (std::size_t i = 0; i + 1 < codes.size(); i += 2) {
    ++even[codes[i]];
    ++odd[codes[i + 1]];
  }
  if (codes.size() % 2 != 0) ++even[codes.back()];
  for (std::size_t code = 0; code < even.size(); ++code) {
    if (const std::size_t times = even[code] + odd[code]; times != 0) use(code, times);
  }
}

// The values that `rows` use: those before them are counted, not decoded.
Result<std::vector<SlotData>> Templates::Impl::slots_at(
    std::span<const std::uint32_t> rows, std::span<const std::uint32_t> codes) const {
  std::vector<std::vector<std::uint32_t>> positions(specs_.size());
  Counts next(specs_.size());
  std::size_t row = 0;
  for (const std::uint32_t wanted : rows) {
    skip(codes.subspan(row, wanted - row), next);
    row = std::size_t{wanted} + 1;
    for (const Part& part : templates_[codes[wanted]]) {
      if (part.slot == 0) continue;
      positions[part.slot - 1].push_back(static_cast<std::uint32_t>(next[part.slot - 1]++));
    }
  }
  skip(codes.subspan(row), next);
  TRY(check_counts(next));
  std::vector<SlotData> slots(specs_.size());
  for (std::size_t slot = 0; slot < specs_.size(); ++slot) {
    if (!values_[slot] || positions[slot].empty()) continue;
    slots[slot] = TRY(values_[slot]->at(positions[slot]));
  }
  return slots;
}

Result<TextValues> Templates::Impl::at(std::span<const std::uint32_t> rows,
                                       const Siblings& siblings) const {
  const std::vector<std::uint32_t> codes = TRY(codes_.all());
  const std::vector<SlotData> slots = TRY(slots_at(rows, codes));
  std::vector<std::uint32_t> wanted;
  wanted.reserve(rows.size());
  for (const std::uint32_t row : rows) wanted.push_back(codes[row]);
  return render(wanted, slots, siblings);
}

// Of slots of text: those of which a value may hold the literal.
Result<std::vector<bool>> Templates::Impl::slots_that_may_hold(
    const std::string& literal, std::span<const TextHits* const> siblings) const {
  const LiteralQuery query(literal);
  std::vector<bool> may_hold(specs_.size());
  for (std::size_t slot = 0; slot < specs_.size(); ++slot) {
    const SlotSpec& spec = specs_[slot];
    if (is_reference(spec.kind)) {
      may_hold[slot] = siblings[spec.sibling]->any();
    } else if (spec.kind == SlotKind::kText) {
      may_hold[slot] = TRY(values_[slot]->hits(query, {0, values_[slot]->size()}, 0)).any();
    }
  }
  return may_hold;
}

// The slots that excerpts render; of others no value is looked at, so none is counted.
std::vector<bool> Templates::Impl::slots_of(Excerpts& excerpts) const {
  std::vector<bool> used(specs_.size());
  for (const TemplateExcerpt& excerpt : excerpts)
    for (const Part& part : excerpt.parts)
      if (part.slot != 0) used[part.slot - 1] = true;
  const auto is_unused = [&](std::uint32_t slot) { return !used[slot - 1]; };
  for (TemplateExcerpt& excerpt : excerpts) {
    std::erase_if(excerpt.before, is_unused);
    std::erase_if(excerpt.behind, is_unused);
  }
  return used;
}

Result<std::optional<TextValues>> Templates::Impl::excerpts(
    const base::RunPattern& pattern, std::span<const TextHits* const> siblings,
    const FetchSibling& fetch, std::span<const std::uint32_t> rows) const {
  constexpr std::optional<TextValues> kWhole;
  // A single slot for all is a number, or text as it is.
  if (specs_.size() < 2 && templates_.size() == 1) return kWhole;
  if (pattern.first.size() > ExcerptFinder::kFirstBytesMax) return kWhole;
  const std::vector<bool> may_hold = TRY(slots_that_may_hold(pattern.first, siblings));
  const ExcerptFinder finder(pattern, specs_, may_hold);
  Excerpts excerpts;
  for (const Template& parts : templates_) excerpts.push_back(finder.excerpt(parts));
  const std::vector<bool> used = slots_of(excerpts);
  if (std::ranges::find(used, false) == used.end()) return kWhole;

  const std::vector<std::uint32_t> codes = TRY(codes_.all());
  Counts counts(specs_.size());
  skip(codes, counts);
  TRY(check_counts(counts));
  std::vector<SlotData> slots(specs_.size());
  std::vector<event::ColumnPtr> columns(siblings.size());
  for (std::size_t slot = 0; slot < specs_.size(); ++slot) {
    if (!used[slot]) continue;
    if (values_[slot]) {
      slots[slot] = TRY(values_[slot]->all());
    } else if (event::ColumnPtr& column = columns[specs_[slot].sibling]; column == nullptr) {
      column = TRY(fetch(specs_[slot].sibling));
    }
  }
  // Nobody looks at the others.
  for (event::ColumnPtr& column : columns)
    if (column == nullptr) column = event::Column::nulls(0);
  return std::optional(TRY(render(codes, slots, {columns, rows}, &excerpts)));
}

Result<std::optional<NumberedValues>> Templates::Impl::numbered() const {
  constexpr std::optional<NumberedValues> kOther;
  if (templates_.size() != 1 || specs_.size() != 1 || !has_number(specs_[0].kind)) return kOther;
  NumberedValues found{{"", specs_[0], ""}, {}};
  bool behind = false;
  for (const Part& part : templates_[0]) {
    (behind ? found.texts.behind : found.texts.before) += part.literal;
    if (part.slot == 0) continue;
    if (behind) return kOther;
    behind = true;
  }
  if (!behind) return kOther;
  TRY(codes_.all());  // There is one code, but damage may hold others.
  TRY(check_counts({codes_.size()}));
  found.numbers = TRY(values_[0]->all()).numbers;
  return std::optional(std::move(found));
}

// --- Searching -----------------------------------------------------------------------------------

// What the parts of each template have in common: all but what slots of text and of hexadecimal
// digits hold. `begun`: for each slot, how far the literal may have come before it.
TextHits Templates::Impl::template_hits(const LiteralQuery& query,
                                        std::vector<std::uint64_t>& begun) const {
  TextHits hits = TextHits::zeros(templates_.size());
  for (std::size_t i = 0; i < templates_.size(); ++i) {
    LiteralWalk walk(query);
    bool special = false;
    for (const Part& part : templates_[i]) {
      walk.take_text(part.literal);
      special = special || query.in_json(part.literal);
      if (part.slot == 0) continue;
      begun[part.slot - 1] |= walk.begun();
      walk.take_slot(specs_[part.slot - 1]);
    }
    hits.text[i] = walk.may_hold() ? 1 : 0;
    hits.json[i] = walk.may_hold() || special ? 1 : 0;
  }
  return hits;
}

// Of the values of each slot of text or digits that lie in its stretch.
Result<std::vector<TextHits>> Templates::Impl::own_hits(
    const LiteralQuery& query, std::span<const Stretch> stretches,
    std::span<const std::uint64_t> begun) const {
  std::vector<TextHits> hits(specs_.size());
  for (std::size_t slot = 0; slot < specs_.size(); ++slot) {
    const SlotKind kind = specs_[slot].kind;
    if (kind != SlotKind::kText && kind != SlotKind::kHex) continue;
    if (stretches[slot].size() == 0) continue;
    hits[slot] = TRY(values_[slot]->hits(query, stretches[slot], begun[slot]));
  }
  return hits;
}

std::vector<Stretch> Templates::Impl::all_values() const {
  std::vector<Stretch> stretches(specs_.size());
  for (std::size_t slot = 0; slot < specs_.size(); ++slot)
    if (values_[slot]) stretches[slot].end = values_[slot]->size();
  return stretches;
}

// Where the values of a stretch of rows are, for each slot.
Result<std::vector<Stretch>> Templates::Impl::slot_stretches(std::span<const std::uint32_t> codes,
                                                             Stretch rows) const {
  Counts begin(specs_.size());
  skip(codes.first(rows.begin), begin);
  Counts end = begin;
  skip(codes.subspan(rows.begin, rows.size()), end);
  Counts used = end;
  skip(codes.subspan(rows.end), used);
  TRY(check_counts(used));
  std::vector<Stretch> stretches(specs_.size());
  for (std::size_t slot = 0; slot < specs_.size(); ++slot)
    stretches[slot] = {begin[slot], end[slot]};
  return stretches;
}

// The slots of each template that can make a difference.
std::vector<std::vector<std::uint32_t>> Templates::Impl::slots_that_matter(
    std::span<const TextHits> own, std::span<const TextHits* const> siblings) const {
  const auto matters = [&](std::size_t slot) {
    const SlotSpec& spec = specs_[slot];
    return is_reference(spec.kind) ? siblings[spec.sibling]->any() : own[slot].any();
  };
  std::vector<bool> slot_matters(specs_.size());
  for (std::size_t slot = 0; slot < specs_.size(); ++slot) slot_matters[slot] = matters(slot);
  std::vector<std::vector<std::uint32_t>> slots(templates_.size());
  for (std::size_t i = 0; i < templates_.size(); ++i) {
    for (const Part& part : templates_[i])
      if (part.slot != 0 && slot_matters[part.slot - 1]) slots[i].push_back(part.slot - 1);
  }
  return slots;
}

Result<TextHits> Templates::Impl::hits(const LiteralQuery& query, Stretch stretch,
                                       std::span<const TextHits* const> siblings,
                                       std::span<const std::uint32_t> rows) const {
  std::vector<std::uint64_t> begun(specs_.size());
  const TextHits templates = template_hits(query, begun);
  const bool looks_at_values = std::ranges::any_of(specs_, [](const SlotSpec& spec) {
    return spec.kind == SlotKind::kText || spec.kind == SlotKind::kHex;
  });
  const bool from_others =
      templates.any() || std::ranges::any_of(siblings, [](auto* hits) { return hits->any(); });
  if (!looks_at_values && !from_others) return TextHits::none();
  const bool whole = stretch.size() == codes_.size();
  std::vector<std::uint32_t> codes;
  std::vector<Stretch> stretches = all_values();
  std::vector<TextHits> own(specs_.size());
  if (looks_at_values && !whole) {
    codes = TRY(codes_.all());
    stretches = TRY(slot_stretches(codes, stretch));
  }
  if (looks_at_values) own = TRY(own_hits(query, stretches, begun));
  if (!from_others && std::ranges::none_of(own, &TextHits::any)) return TextHits::none();
  if (codes.empty()) {
    codes = TRY(codes_.all());
    TRY(slot_stretches(codes, stretch));  // Values of slots are counted off below.
  }

  const std::vector<std::vector<std::uint32_t>> slots = slots_that_matter(own, siblings);
  TextHits hits = TextHits::zeros(stretch.size());
  Counts next(specs_.size());
  for (std::size_t i = 0; i < stretch.size(); ++i) {
    const std::uint32_t code = codes[stretch.begin + i];
    std::uint8_t text = templates.text[code];
    std::uint8_t json = templates.json[code];
    for (const std::uint32_t slot : slots[code]) {
      const SlotSpec& spec = specs_[slot];
      const bool reference = is_reference(spec.kind);
      const std::size_t at = reference ? (rows.empty() ? i : rows[i]) : next[slot]++;
      const TextHits& from = reference ? *siblings[spec.sibling] : own[slot];
      text |= spec.kind == SlotKind::kSameJson ? from.json[at] : from.text[at];
      json |= from.json[at];
    }
    hits.text[i] = text;
    hits.json[i] = json;
  }
  return hits.any() ? std::move(hits) : TextHits::none();
}

// --- Templates -----------------------------------------------------------------------------------

Result<Templates> Templates::parse(base::ByteReader& in, std::size_t count, bool inner_dictionary,
                                   std::size_t siblings) {
  return Templates(TRY(Impl::parse(in, count, inner_dictionary, siblings)));
}

Result<TextValues> Templates::all(const Siblings& siblings) const { return impl_->all(siblings); }

Result<TextValues> Templates::at(std::span<const std::uint32_t> rows,
                                 const Siblings& siblings) const {
  return impl_->at(rows, siblings);
}

Result<std::optional<TextValues>> Templates::excerpts(const base::RunPattern& pattern,
                                                      std::span<const TextHits* const> siblings,
                                                      const FetchSibling& fetch,
                                                      std::span<const std::uint32_t> rows) const {
  return impl_->excerpts(pattern, siblings, fetch, rows);
}

Result<std::optional<NumberedValues>> Templates::numbered() const { return impl_->numbered(); }

Result<TextHits> Templates::hits(const LiteralQuery& query, Stretch stretch,
                                 std::span<const TextHits* const> siblings,
                                 std::span<const std::uint32_t> rows) const {
  return impl_->hits(query, stretch, siblings, rows);
}

}  // namespace lynxdb::segment
