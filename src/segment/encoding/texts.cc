#include "segment/encoding/texts.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "segment/encoding/limits.h"

namespace lynxdb::segment {
namespace {

constexpr std::uint8_t kBlocks = 0;
constexpr std::uint8_t kDictionary = 1;
constexpr std::uint8_t kTemplates = 2;

using Strings = std::span<const std::string_view>;

void put_blocks_or_templates(Strings values, const TextOptions& options, TextForms forms,
                             std::string& out) {
  std::optional<EncodedTemplates> templates;
  if (forms.templates) {
    templates = encode_templates(values, options.siblings, forms.dictionary, options.compression);
  }
  if (templates) {
    out.push_back(static_cast<char>(kTemplates));
    out += templates->bytes;
    if (options.used_siblings != nullptr) *options.used_siblings = templates->used_siblings;
    return;
  }
  out.push_back(static_cast<char>(kBlocks));
  put_text_blocks(values, options.compression, out);
}

void put_dictionary(const DistinctTexts& distinct, TextForms forms, Compression compression,
                    std::string& out) {
  out.push_back(static_cast<char>(kDictionary));
  base::put_varint(distinct.entries.size(), out);
  forms.dictionary = false;
  put_inner_texts(distinct.entries, forms, compression, out);
  put_codes(distinct.codes, out);
}

std::vector<std::uint32_t> places(Stretch stretch) {
  std::vector<std::uint32_t> result(stretch.size());
  std::iota(result.begin(), result.end(), static_cast<std::uint32_t>(stretch.begin));
  return result;
}

// Half as many entries as values: the codes then still save more than they add.
bool is_repetitive(const DistinctTexts& distinct) {
  return distinct.entries.size() <= (distinct.codes.size() + 1) / 2;
}

}  // namespace

void put_texts(Strings values, const std::optional<DistinctTexts>& distinct,
               const TextOptions& options, std::string& out) {
  if (distinct && is_repetitive(*distinct)) {
    put_dictionary(*distinct, {}, options.compression, out);
  } else {
    put_blocks_or_templates(values, options, {}, out);
  }
}

void put_inner_texts(Strings values, TextForms forms, Compression compression, std::string& out) {
  if (forms.dictionary) {
    if (const auto distinct = distinct_texts(values); distinct && is_repetitive(*distinct)) {
      return put_dictionary(*distinct, forms, compression, out);
    }
  }
  TextOptions options;
  options.compression = compression;
  put_blocks_or_templates(values, options, forms, out);
}

Result<Texts> Texts::parse(base::ByteReader& in, std::size_t count, TextForms forms,
                           std::size_t siblings) {
  Texts result;
  const auto form = in.fixed<std::uint8_t>();
  if (in.failed()) return corrupt("strings end early");
  if (form == kBlocks) {
    result.blocks_ = TRY(TextBlocks::parse(in, count));
    return result;
  }
  if (form == kDictionary && forms.dictionary) {
    const std::uint64_t size = in.varint();
    if (in.failed() || size > count) return corrupt("a dictionary of impossible size");
    forms.dictionary = false;
    result.entries_ =
        std::make_shared<Texts>(TRY(parse(in, static_cast<std::size_t>(size), forms, 0)));
    result.codes_ = TRY(Codes::parse(in, count, size));
    result.entry_count_ = static_cast<std::size_t>(size);
    return result;
  }
  if (form == kTemplates && forms.templates) {
    result.templates_ =
        std::make_shared<Templates>(TRY(Templates::parse(in, count, forms.dictionary, siblings)));
    return result;
  }
  return corrupt("unknown form of strings");
}

Result<TextValues> Texts::dictionary() const { return entries_->all({}); }

Result<TextValues> Texts::all(const Siblings& siblings) const {
  if (blocks_) return blocks_->all();
  if (templates_ != nullptr) return templates_->all(siblings);
  TextValues entries = TRY(dictionary());
  const std::vector<std::uint32_t> codes = TRY(codes_->all());
  TextValues result{std::vector<std::string_view>(codes.size()), std::move(entries.owner)};
  for (std::size_t i = 0; i < codes.size(); ++i) result.values[i] = entries.values[codes[i]];
  return result;
}

// Decodes no more entries than the rows use, unless these are so many that finding out which costs
// more.
Result<TextValues> Texts::at(std::span<const std::uint32_t> rows, const Siblings& siblings) const {
  if (blocks_) return blocks_->at(rows);
  if (templates_ != nullptr) return templates_->at(rows, siblings);
  std::vector<std::uint32_t> codes = TRY(codes_->at(rows));
  const bool most = rows.size() >= codes_->size() / 16;
  std::vector<std::uint32_t> used;
  if (!most) {
    used = codes;
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    for (std::uint32_t& code : codes) {
      code = static_cast<std::uint32_t>(std::lower_bound(used.begin(), used.end(), code) -
                                        used.begin());
    }
  }
  TextValues entries = TRY(most ? dictionary() : entries_->at(used, {}));
  TextValues result{std::vector<std::string_view>(codes.size()), std::move(entries.owner)};
  for (std::size_t i = 0; i < codes.size(); ++i) result.values[i] = entries.values[codes[i]];
  return result;
}

Result<std::optional<TextValues>> Texts::excerpts(const base::RunPattern& pattern,
                                                  std::span<const TextHits* const> siblings,
                                                  const FetchSibling& fetch,
                                                  std::span<const std::uint32_t> rows) const {
  if (templates_ == nullptr) return std::optional<TextValues>();
  return templates_->excerpts(pattern, siblings, fetch, rows);
}

Result<std::optional<NumberedValues>> Texts::numbered() const {
  if (templates_ == nullptr) return std::optional<NumberedValues>();
  return templates_->numbered();
}

Result<TextHits> Texts::hits(const LiteralQuery& query, Stretch stretch,
                             std::span<const TextHits* const> siblings,
                             std::span<const std::uint32_t> rows) const {
  if (blocks_) {
    const bool all = stretch.size() == blocks_->size();
    return query.hits_of(TRY(all ? blocks_->all() : blocks_->at(places(stretch))).values);
  }
  if (templates_ != nullptr) return templates_->hits(query, stretch, siblings, rows);
  // Texts are built, not looked for in templates of entries: these would leave too much open.
  if (entry_count_ > stretch.size()) return query.hits_of(TRY(at(places(stretch), {})).values);
  const TextHits entries = query.hits_of(TRY(dictionary()).values);
  if (!entries.any()) return TextHits::none();
  const std::vector<std::uint32_t> codes = TRY(codes_->all());
  TextHits hits = TextHits::zeros(stretch.size());
  for (std::size_t i = 0; i < stretch.size(); ++i) {
    hits.text[i] = entries.text[codes[stretch.begin + i]];
    hits.json[i] = entries.json[codes[stretch.begin + i]];
  }
  return hits.any() ? std::move(hits) : TextHits::none();
}

}  // namespace lynxdb::segment
