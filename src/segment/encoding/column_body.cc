#include "segment/encoding/column_body.h"

#include <algorithm>
#include <array>
#include <utility>

#include "segment/encoding/codes.h"
#include "segment/encoding/floats.h"
#include "segment/encoding/integers.h"
#include "segment/encoding/limits.h"
#include "segment/encoding/null_rows.h"
#include "segment/encoding/texts.h"

namespace lynxdb::segment {
namespace {

using event::Column;
using event::ColumnPtr;
using event::NullBitmap;

// Where the values asked for are among those that are stored, and where they go.
struct Picks {
  bool all = true;                       // Every stored value.
  std::vector<std::uint32_t> positions;  // Otherwise these of them, ascending.
  std::vector<std::uint32_t> targets;    // The row of each value; empty: value i is row i.
  std::size_t rows = 0;                  // Of the column that comes out.
  NullBitmap nulls;
};

Picks picks_of(const NullRows& nulls, std::size_t rows, const WantedRows& wanted) {
  Picks picks;
  if (!wanted) {
    picks.rows = rows;
    picks.nulls = nulls.bitmap();
    if (nulls.any()) picks.targets = nulls.present_rows();
    return picks;
  }
  picks.all = false;
  picks.rows = wanted->size();
  NullRows::Selection selection = nulls.select(*wanted);
  picks.positions = std::move(selection.positions);
  if (picks.positions.size() != picks.rows) picks.targets = std::move(selection.targets);
  picks.nulls = std::move(selection.nulls);
  return picks;
}

// Values to their rows.
template <typename T>
std::vector<T> spread(std::vector<T> values, const Picks& picks) {
  if (picks.targets.empty() && values.size() == picks.rows) return values;
  std::vector<T> result(picks.rows);
  for (std::size_t i = 0; i < values.size(); ++i) result[picks.targets[i]] = values[i];
  return result;
}

Result<std::vector<std::int64_t>> fetch(const Integers& from, const Picks& picks) {
  if (!picks.all) return from.at(picks.positions);
  std::vector<std::int64_t> values(from.size());
  TRY(from.decode(values));
  return values;
}

Result<std::vector<std::uint32_t>> fetch(const Codes& from, const Picks& picks) {
  return picks.all ? from.all() : from.at(picks.positions);
}

std::vector<Column::Owner> owners(const TextValues& texts) {
  if (texts.owner == nullptr) return {};
  return {texts.owner};
}

// --- Kinds ---------------------------------------------------------------------------------------

Result<ColumnPtr> take_bools(base::ByteReader& in, std::size_t count, Picks picks) {
  const Codes codes = TRY(Codes::parse(in, count, 2));
  const std::vector<std::uint32_t> bits = TRY(fetch(codes, picks));
  return Column::bools(spread(std::vector<std::uint8_t>(bits.begin(), bits.end()), picks),
                       std::move(picks.nulls));
}

Result<ColumnPtr> take_floats(base::ByteReader& in, std::size_t count, Picks picks) {
  const Floats floats = TRY(Floats::parse(in, count));
  std::vector<double> values = TRY(picks.all ? floats.all() : floats.at(picks.positions));
  return Column::floats(spread(std::move(values), picks), std::move(picks.nulls));
}

Result<ColumnPtr> take_strings(base::ByteReader& in, std::size_t count, Picks picks,
                               std::span<const ColumnPtr> siblings,
                               NumberDictionaries* dictionaries) {
  const Texts texts = TRY(Texts::parse(in, count, {}, siblings.size()));
  // A few rows are not worth a dictionary of thousands.
  if (texts.has_dictionary() && picks.all) {
    const TextValues entries = TRY(texts.dictionary());
    std::vector<std::uint32_t> codes = TRY(fetch(texts.codes(), picks));
    return Column::dictionary(spread(std::move(codes), picks),
                              Column::strings(entries.values, owners(entries)),
                              std::move(picks.nulls));
  }
  if (dictionaries != nullptr && picks.all) {
    if (const auto numbered = TRY(texts.numbered())) {
      if (auto made = dictionaries->column(numbered->texts, numbered->numbers))
        return Column::dictionary(spread(std::move(made->codes), picks),
                                  std::move(made->dictionary), std::move(picks.nulls));
    }
  }
  const Siblings at_rows{siblings, picks.targets};
  TextValues values = TRY(picks.all ? texts.all(at_rows) : texts.at(picks.positions, at_rows));
  return Column::strings(spread(std::move(values.values), picks), owners(values),
                         std::move(picks.nulls));
}

Result<ColumnPtr> take_any(base::ByteReader& in, std::size_t rows, const WantedRows& wanted,
                           std::span<const ColumnPtr> siblings, bool lists_allowed,
                           bool mixed_allowed, NumberDictionaries* dictionaries = nullptr);

Result<ColumnPtr> take_lists(base::ByteReader& in, std::size_t count, const Picks& picks) {
  const Integers stored = TRY(Integers::parse(in, count));
  std::vector<std::int64_t> ends(count);
  TRY(stored.decode(ends));
  std::int64_t total = 0;
  for (std::int64_t& size : ends) {
    if (size < 1 || size >= event::kNoRow - total) return corrupt("a list of impossible size");
    size = total += size;
  }
  const auto elements = static_cast<std::size_t>(total);
  if (!plausible_count(elements, in.remaining())) return corrupt("list elements end early");

  std::vector<std::uint32_t> offsets(picks.rows + 1);  // First sizes.
  std::vector<std::uint32_t> wanted;
  const std::size_t values = picks.all ? count : picks.positions.size();
  for (std::size_t i = 0; i < values; ++i) {
    const std::size_t position = picks.all ? i : picks.positions[i];
    const std::int64_t begin = position == 0 ? 0 : ends[position - 1];
    const std::size_t row = picks.targets.empty() ? i : picks.targets[i];
    offsets[row + 1] = static_cast<std::uint32_t>(ends[position] - begin);
    if (picks.all) continue;
    for (std::int64_t e = begin; e < ends[position]; ++e) {
      wanted.push_back(static_cast<std::uint32_t>(e));
    }
  }
  for (std::size_t row = 0; row < picks.rows; ++row) offsets[row + 1] += offsets[row];
  ColumnPtr column =
      TRY(take_any(in, elements, picks.all ? WantedRows() : WantedRows(wanted), {}, false, true));
  if (column->has_nulls()) return corrupt("a null within a list");
  return Column::lists(std::move(offsets), std::move(column));
}

// For each type that occurs: which of its values are wanted, and for which of the values to be.
Result<ColumnPtr> take_mixed(base::ByteReader& in, std::size_t count, const Picks& picks,
                             bool lists_allowed) {
  constexpr std::size_t kTypes = 7;
  const Codes stored = TRY(Codes::parse(in, count, kTypes));
  const std::vector<std::uint32_t> types = TRY(stored.all());
  std::array<std::uint32_t, kTypes> seen{};
  std::array<std::vector<std::uint32_t>, kTypes> wanted;
  std::array<std::vector<std::uint32_t>, kTypes> targets;
  std::size_t next = 0;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::uint32_t type = types[i];
    if (type == 0) return corrupt("a value of unknown type");
    if (picks.all || (next < picks.positions.size() && picks.positions[next] == i)) {
      wanted[type].push_back(seen[type]);
      targets[type].push_back(picks.targets.empty() ? static_cast<std::uint32_t>(next)
                                                    : picks.targets[next]);
      ++next;
    }
    ++seen[type];
  }
  std::vector<event::Value> values(picks.rows);
  for (std::size_t type = 1; type < kTypes; ++type) {
    if (seen[type] == 0) continue;
    const ColumnPtr column =
        TRY(take_any(in, seen[type], WantedRows(wanted[type]), {}, lists_allowed, false));
    for (std::size_t i = 0; i < wanted[type].size(); ++i) {
      values[targets[type][i]] = column->value(i);
    }
  }
  return Column::mixed(std::move(values));
}

Result<ColumnPtr> take_any(base::ByteReader& in, std::size_t rows, const WantedRows& wanted,
                           std::span<const ColumnPtr> siblings, bool lists_allowed,
                           bool mixed_allowed, NumberDictionaries* dictionaries) {
  const auto type = static_cast<BodyType>(in.fixed<std::uint8_t>());
  if (in.failed()) return corrupt("ends early");
  if (type == BodyType::kNothing) return Column::nulls(wanted ? wanted->size() : rows);
  if (type > BodyType::kMixed) return corrupt("unknown type of column");
  const NullRows nulls = TRY(NullRows::parse(in, rows));
  const std::size_t count = nulls.present();
  Picks picks = picks_of(nulls, rows, wanted);
  switch (type) {
    case BodyType::kBools:
      return take_bools(in, count, std::move(picks));
    case BodyType::kInts:
    case BodyType::kTimestamps: {
      const Integers integers = TRY(Integers::parse(in, count));
      std::vector<std::int64_t> values = spread(TRY(fetch(integers, picks)), picks);
      return type == BodyType::kInts
                 ? Column::ints(std::move(values), std::move(picks.nulls))
                 : Column::timestamps(std::move(values), std::move(picks.nulls));
    }
    case BodyType::kFloats:
      return take_floats(in, count, std::move(picks));
    case BodyType::kStrings:
      return take_strings(in, count, std::move(picks), siblings, dictionaries);
    case BodyType::kLists:
      if (!lists_allowed) return corrupt("a list inside a list");
      return take_lists(in, count, picks);
    case BodyType::kMixed:
      if (!mixed_allowed) return corrupt("mixed types inside one type");
      return take_mixed(in, count, picks, lists_allowed);
    case BodyType::kNothing:
      break;
  }
  return corrupt("unknown type of column");
}

}  // namespace

Result<ColumnPtr> take_column(base::ByteReader& in, std::size_t rows, const WantedRows& wanted,
                              std::span<const ColumnPtr> siblings,
                              NumberDictionaries* dictionaries) {
  return take_any(in, rows, wanted, siblings, true, true, dictionaries);
}

Result<ColumnPtr> take_dictionary(base::ByteReader& in, std::size_t rows, std::size_t siblings) {
  const auto type = static_cast<BodyType>(in.fixed<std::uint8_t>());
  if (in.failed()) return corrupt("ends early");
  if (type != BodyType::kStrings) return ColumnPtr();
  const NullRows nulls = TRY(NullRows::parse(in, rows));
  const Texts texts = TRY(Texts::parse(in, nulls.present(), {}, siblings));
  if (!texts.has_dictionary()) return ColumnPtr();
  const TextValues entries = TRY(texts.dictionary());
  return Column::strings(entries.values, owners(entries));
}

Result<ColumnPtr> take_excerpts(base::ByteReader& in, std::size_t rows,
                                const base::RunPattern& pattern,
                                std::span<const TextHits* const> siblings,
                                const FetchSibling& fetch) {
  const auto type = static_cast<BodyType>(in.fixed<std::uint8_t>());
  if (in.failed()) return corrupt("ends early");
  if (type != BodyType::kStrings) return ColumnPtr();
  const NullRows nulls = TRY(NullRows::parse(in, rows));
  Picks picks = picks_of(nulls, rows, std::nullopt);
  const Texts texts = TRY(Texts::parse(in, nulls.present(), {}, siblings.size()));
  std::optional<TextValues> values = TRY(texts.excerpts(pattern, siblings, fetch, picks.targets));
  if (!values) return ColumnPtr();
  return Column::strings(spread(std::move(values->values), picks), owners(*values),
                         std::move(picks.nulls));
}

namespace {

event::Type value_type(BodyType type) {
  switch (type) {
    case BodyType::kNothing:
      return event::Type::kNull;
    case BodyType::kBools:
      return event::Type::kBool;
    case BodyType::kInts:
      return event::Type::kInt;
    case BodyType::kFloats:
      return event::Type::kFloat;
    case BodyType::kTimestamps:
      return event::Type::kTimestamp;
    default:
      return event::Type::kList;  // Or several types.
  }
}

}  // namespace

Result<TextHits> take_text_hits(base::ByteReader& in, std::size_t rows, Stretch stretch,
                                const LiteralQuery& query,
                                std::span<const TextHits* const> siblings) {
  const auto type = static_cast<BodyType>(in.fixed<std::uint8_t>());
  if (in.failed()) return corrupt("ends early");
  if (type > BodyType::kMixed) return corrupt("unknown type of column");
  if (type != BodyType::kStrings)
    return TextHits::all(stretch.size(), query.may_be_in(value_type(type)));
  const NullRows nulls = TRY(NullRows::parse(in, rows));
  const Texts texts = TRY(Texts::parse(in, nulls.present(), {}, siblings.size()));
  if (!nulls.any()) return texts.hits(query, stretch, siblings, {});
  std::vector<std::uint32_t> present;  // Within the stretch.
  for (std::size_t row = stretch.begin; row < stretch.end; ++row)
    if (!nulls.test(row)) present.push_back(static_cast<std::uint32_t>(row - stretch.begin));
  if (present.empty()) return TextHits::none();
  const std::size_t begin = nulls.present_before(stretch.begin);
  const TextHits values =
      TRY(texts.hits(query, {begin, begin + present.size()}, siblings, present));
  if (!values.any()) return TextHits::none();
  TextHits hits = TextHits::zeros(stretch.size());
  for (std::size_t i = 0; i < present.size(); ++i) {
    hits.text[present[i]] = values.text[i];
    hits.json[present[i]] = values.json[i];
  }
  return hits;
}

}  // namespace lynxdb::segment
