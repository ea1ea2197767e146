#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <optional>

#include "base/hash.h"
#include "segment/encoding/bit_packing.h"
#include "segment/encoding/integers.h"
#include "segment/encoding/integers_format.h"
#include "segment/encoding/limits.h"

namespace lynxdb::segment {
namespace {

using Values = std::span<const std::int64_t>;

// Dictionaries larger than this are rarely smaller than frames, and finding out takes time.
constexpr std::size_t kDistinctMax = 1024;
constexpr unsigned kPatchRowBits = 10;  // Of a position within a block of 1024.

// --- Blocks --------------------------------------------------------------------------------------

// How to pack one block: values of up to `width` bits, and the bits above as patches.
struct Plan {
  unsigned width = 0;
  unsigned patch_width = 0;
  std::size_t patches = 0;
  std::size_t bits = 0;
};

Plan plan_for(std::span<const std::uint64_t> values) {
  std::array<std::size_t, 65> of_width{};
  for (const std::uint64_t value : values) ++of_width[bit_width(value)];
  unsigned widest = 64;
  while (widest > 0 && of_width[widest] == 0) --widest;
  Plan best{widest, 0, 0, values.size() * widest};
  std::size_t above = 0;
  for (unsigned width = widest; width-- > 0;) {
    above += of_width[width + 1];
    // Patches are put in one by one: many of them would cost more time than they save space.
    if (above > values.size() / 16) break;
    const std::size_t bits = values.size() * width + above * (kPatchRowBits + widest - width) + 16;
    if (bits < best.bits) best = {width, widest - width, above, bits};
  }
  return best;
}

void put_packed_block(std::span<const std::uint64_t> values, const Plan& plan, std::string& out) {
  const std::uint64_t mask =
      plan.width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << plan.width) - 1;
  std::vector<std::uint64_t> low(values.size());
  std::vector<std::uint64_t> rows;
  std::vector<std::uint64_t> high;
  for (std::size_t i = 0; i < values.size(); ++i) {
    low[i] = values[i] & mask;
    if (low[i] == values[i]) continue;
    rows.push_back(i);
    high.push_back(values[i] >> plan.width);
  }
  pack(low, plan.width, out);
  pack(rows, kPatchRowBits, out);
  pack(high, plan.patch_width, out);
}

void put_plan(const Plan& plan, std::string& out) {
  base::put_fixed(static_cast<std::uint8_t>(plan.width), out);
  base::put_fixed(static_cast<std::uint8_t>(plan.patch_width), out);
  base::put_fixed(static_cast<std::uint16_t>(plan.patches), out);
}

// Counted from the smallest one, in units of the greatest common divisor of all distances.
struct Scaled {
  std::uint64_t origin = 0;
  std::uint64_t scale = 1;
  std::vector<std::uint64_t> values;
};

Scaled scaled(Values values) {
  Scaled result;
  result.origin = static_cast<std::uint64_t>(*std::min_element(values.begin(), values.end()));
  std::uint64_t divisor = 0;
  for (const std::int64_t value : values) {
    if (divisor == 1) break;
    divisor = std::gcd(divisor, static_cast<std::uint64_t>(value) - result.origin);
  }
  result.scale = std::max<std::uint64_t>(divisor, 1);
  result.values.reserve(values.size());
  for (const std::int64_t value : values) {
    const std::uint64_t distance = static_cast<std::uint64_t>(value) - result.origin;
    result.values.push_back(result.scale == 1 ? distance : distance / result.scale);
  }
  return result;
}

// The distances within a block, from its base or from one value to the next.
struct BlockValues {
  std::uint64_t base = 0;
  std::uint64_t step = 0;
  std::vector<std::uint64_t> values;
};

BlockValues frame(std::span<const std::uint64_t> values) {
  BlockValues result;
  result.base = *std::min_element(values.begin(), values.end());
  result.values.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result.values[i] = values[i] - result.base;
  return result;
}

BlockValues deltas(std::span<const std::uint64_t> values) {
  BlockValues result;
  result.base = values.front();
  result.values.resize(values.size());
  std::int64_t least = values.size() > 1 ? std::numeric_limits<std::int64_t>::max() : 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    least = std::min(least, static_cast<std::int64_t>(values[i] - values[i - 1]));
  }
  result.step = static_cast<std::uint64_t>(least);
  for (std::size_t i = 1; i < values.size(); ++i) {
    result.values[i] = values[i] - values[i - 1] - result.step;
  }
  return result;
}

template <typename Split>
std::string blocks(const Scaled& from, Split split, std::uint8_t form, std::size_t bytes_max) {
  std::string heads;
  std::string data;
  base::put_fixed(form, heads);
  base::put_fixed(from.origin, heads);
  base::put_varint(from.scale, heads);
  const std::span<const std::uint64_t> all(from.values);
  for (std::size_t begin = 0; begin < all.size(); begin += kIntegerBlock) {
    const BlockValues block =
        split(all.subspan(begin, std::min(kIntegerBlock, all.size() - begin)));
    const Plan plan = plan_for(block.values);
    base::put_fixed(block.base, heads);
    if (form == kDeltasForm) base::put_fixed(block.step, heads);
    put_plan(plan, heads);
    put_packed_block(block.values, plan, data);
    if (heads.size() + data.size() >= bytes_max) return {};
  }
  return heads + data;
}

// --- Other forms ---------------------------------------------------------------------------------

void put_simple(Values values, std::string& out);

std::size_t count_runs(Values values) {
  std::size_t runs = 1;
  for (std::size_t i = 1; i < values.size(); ++i) runs += values[i] != values[i - 1] ? 1 : 0;
  return runs;
}

std::string runs_form(Values values) {
  std::vector<std::int64_t> run_values;
  std::vector<std::int64_t> lengths;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i == 0 || values[i] != values[i - 1]) {
      run_values.push_back(values[i]);
      lengths.push_back(0);
    }
    ++lengths.back();
  }
  std::string out(1, static_cast<char>(kRunsForm));
  base::put_varint(run_values.size(), out);
  put_simple(run_values, out);
  put_simple(lengths, out);
  return out;
}

// The distinct values, ascending; nullopt when there are more than kDistinctMax.
std::optional<std::vector<std::int64_t>> distinct_values(Values values) {
  constexpr std::size_t kSlots = 4 * kDistinctMax;
  std::vector<std::int64_t> slots(kSlots);
  std::vector<bool> used(kSlots);
  std::vector<std::int64_t> found;
  for (const std::int64_t value : values) {
    std::size_t slot = base::mix64(static_cast<std::uint64_t>(value)) % kSlots;
    while (used[slot] && slots[slot] != value) slot = (slot + 1) % kSlots;
    if (used[slot]) continue;
    if (found.size() == kDistinctMax) return std::nullopt;
    used[slot] = true;
    slots[slot] = value;
    found.push_back(value);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string dictionary_form(Values values, const std::vector<std::int64_t>& distinct) {
  std::string out(1, static_cast<char>(kDictionaryForm));
  base::put_varint(distinct.size(), out);
  put_simple(distinct, out);
  std::vector<std::uint64_t> codes(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto found = std::lower_bound(distinct.begin(), distinct.end(), values[i]);
    codes[i] = static_cast<std::uint64_t>(found - distinct.begin());
  }
  const unsigned width = bit_width(distinct.size() - 1);
  base::put_fixed(static_cast<std::uint8_t>(width), out);
  pack(codes, width, out);
  return out;
}

bool is_constant(Values values) {
  return values.size() <= kFreeValuesMax &&
         std::all_of(values.begin(), values.end(),
                     [&](std::int64_t value) { return value == values.front(); });
}

std::string constant_form(Values values) {
  std::string out(1, static_cast<char>(kConstantForm));
  base::put_fixed(values.empty() ? 0 : values.front(), out);
  return out;
}

// Keeps the smaller one; an empty candidate was given up.
void take_smaller(std::string& best, std::string candidate) {
  if (!candidate.empty() && candidate.size() < best.size()) best = std::move(candidate);
}

std::string simple_form(Values values) {
  if (is_constant(values)) return constant_form(values);
  const Scaled from = scaled(values);
  std::string best = blocks(from, frame, kFramesForm, std::numeric_limits<std::size_t>::max());
  take_smaller(best, blocks(from, deltas, kDeltasForm, best.size()));
  return best;
}

void put_simple(Values values, std::string& out) { out += simple_form(values); }

}  // namespace

void put_integers(Values values, std::string& out) {
  std::string best = simple_form(values);
  // A run takes two numbers and a dictionary one for each entry: no gain in short runs of values.
  constexpr std::size_t kWorthTrying = 64;
  if (best.size() > kWorthTrying && values.size() <= kFreeValuesMax) {
    if (count_runs(values) <= values.size() / 4) take_smaller(best, runs_form(values));
    if (const auto distinct = distinct_values(values);
        distinct && distinct->size() <= values.size() / 4) {
      std::string candidate = dictionary_form(values, *distinct);
      // Frames are read faster: a dictionary must be worth it.
      if (candidate.size() < best.size() / 10 * 9) best = std::move(candidate);
    }
  }
  out += best;
}

}  // namespace lynxdb::segment
