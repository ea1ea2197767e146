#include "segment/number_dictionaries.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"
#include "segment/encoding/template_renderer.h"

namespace lynxdb::segment {
namespace {

// Ranges end at multiples of these, so that row groups with other numbers of one field share one.
constexpr std::uint64_t kSmallestRange = 1024;
constexpr std::uint64_t kFarStep = std::uint64_t{1} << 16U;

// One above the largest number that the form can hold; 0 for other forms.
std::uint64_t numbers_of(const SlotSpec& spec) {
  constexpr std::uint64_t kAny = std::uint64_t{1} << 62U;
  if (spec.kind == SlotKind::kInteger) return kAny;
  if (spec.kind == SlotKind::kAddress) return std::uint64_t{1} << 32U;
  if (spec.kind != SlotKind::kPadded) return 0;
  std::uint64_t numbers = 1;
  for (unsigned digit = 0; digit < spec.size; ++digit) numbers *= 10;
  return numbers;
}

event::ColumnPtr make_dictionary(const NumberedTexts& texts, std::uint64_t first,
                                 std::uint64_t size) {
  auto room = std::make_shared<TextRoom>();
  std::vector<std::string_view> entries(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    char* at = room->begin(texts.before.size() + kNumberCharsMax + texts.behind.size());
    at = render_text(texts.before, at);
    at = render_number(texts.number, static_cast<std::int64_t>(first + i), at);
    LYNXDB_CHECK(at != nullptr);
    entries[i] = room->finish(render_text(texts.behind, at));
  }
  return event::Column::distinct_strings(std::move(entries), {std::move(room)});
}

}  // namespace

std::optional<NumberDictionaries::Range> NumberDictionaries::range_of(
    const NumberedTexts& texts, std::span<const std::int64_t> numbers) {
  if (numbers.size() < kRowsMin || texts.before.size() + texts.behind.size() > kLiteralBytesMax)
    return std::nullopt;
  const auto [low, high] = std::ranges::minmax(numbers);
  const std::uint64_t limit = numbers_of(texts.number);
  if (low < 0 || static_cast<std::uint64_t>(high) >= limit) return std::nullopt;
  const auto last = static_cast<std::uint64_t>(high);
  Range range;
  if (last < kEntriesMax) {
    range.size = std::min(limit, std::max(kSmallestRange, std::bit_ceil(last + 1)));
  } else {
    range.first = static_cast<std::uint64_t>(low) / kFarStep * kFarStep;
    range.size = std::min(limit, (last / kFarStep + 1) * kFarStep) - range.first;
  }
  const std::uint64_t most = std::min(kEntriesMax, kEntriesPerRow * numbers.size());
  if (range.size > most) return std::nullopt;
  return range;
}

// Made under the lock: whoever wants the same one waits for it instead of making another.
event::ColumnPtr NumberDictionaries::dictionary(const NumberedTexts& texts, Range range) {
  const base::MutexLock lock(mutex_);
  std::erase_if(known_, [](const Known& known) { return known.dictionary.expired(); });
  for (const Known& known : known_) {
    if (known.range != range || known.texts != texts) continue;
    if (event::ColumnPtr found = known.dictionary.lock()) return found;
  }
  event::ColumnPtr made = make_dictionary(texts, range.first, range.size);
  known_.push_back({texts, range, made});
  if (made->memory_bytes() <= kKeptBytesMax) last_ = made;
  return made;
}

std::optional<NumberDictionaries::Column> NumberDictionaries::column(
    const NumberedTexts& texts, std::span<const std::int64_t> numbers) {
  const std::optional<Range> range = range_of(texts, numbers);
  if (!range) return std::nullopt;
  Column column{std::vector<std::uint32_t>(numbers.size()), dictionary(texts, *range)};
  for (std::size_t i = 0; i < numbers.size(); ++i)
    column.codes[i] =
        static_cast<std::uint32_t>(static_cast<std::uint64_t>(numbers[i]) - range->first);
  return column;
}

}  // namespace lynxdb::segment
