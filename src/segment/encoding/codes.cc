#include "segment/encoding/codes.h"

#include <algorithm>

#include "base/byte_block.h"
#include "segment/encoding/bit_packing.h"
#include "segment/encoding/integers.h"
#include "segment/encoding/limits.h"

namespace lynxdb::segment {
namespace {

constexpr std::uint8_t kPacked = 0;
constexpr std::uint8_t kRuns = 1;

LYNXDB_INLINE std::uint32_t largest(std::span<const std::uint32_t> codes) {
  std::uint32_t most = 0;
  for (const std::uint32_t code : codes) most = std::max(most, code);
  return most;
}

std::uint32_t largest_plain(std::span<const std::uint32_t> codes) { return largest(codes); }

LYNXDB_TARGET_AVX2 std::uint32_t largest_avx2(std::span<const std::uint32_t> codes) {
  return largest(codes);
}

std::size_t count_runs(std::span<const std::uint32_t> codes) {
  std::size_t runs = codes.empty() ? 0 : 1;
  for (std::size_t i = 1; i < codes.size(); ++i) runs += codes[i] != codes[i - 1] ? 1 : 0;
  return runs;
}

std::string runs_form(std::span<const std::uint32_t> codes) {
  std::vector<std::int64_t> run_codes;
  std::vector<std::int64_t> lengths;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (i == 0 || codes[i] != codes[i - 1]) {
      run_codes.push_back(codes[i]);
      lengths.push_back(0);
    }
    ++lengths.back();
  }
  std::string out(1, static_cast<char>(kRuns));
  base::put_varint(run_codes.size(), out);
  put_integers(run_codes, out);
  put_integers(lengths, out);
  return out;
}

std::string packed_form(std::span<const std::uint32_t> codes) {
  std::uint32_t bits = 0;
  for (const std::uint32_t code : codes) bits |= code;
  // Beyond what may be had for nothing, codes take a bit even when all are 0.
  const unsigned width = std::max(bit_width(bits), codes.size() > kFreeValuesMax ? 1U : 0U);
  std::string out(1, static_cast<char>(kPacked));
  base::put_fixed(static_cast<std::uint8_t>(width), out);
  pack(std::vector<std::uint64_t>(codes.begin(), codes.end()), width, out);
  return out;
}

}  // namespace

void put_codes(std::span<const std::uint32_t> codes, std::string& out) {
  std::string best = packed_form(codes);
  if (codes.size() <= kFreeValuesMax && count_runs(codes) <= codes.size() / 8) {
    std::string runs = runs_form(codes);
    if (runs.size() < best.size()) best = std::move(runs);
  }
  out += best;
}

Result<Codes> Codes::parse(base::ByteReader& in, std::size_t count, std::uint64_t limit) {
  Codes result;
  result.count_ = count;
  result.limit_ = limit;
  const auto form = in.fixed<std::uint8_t>();
  if (in.failed() || form > kRuns) return corrupt("unknown form of codes");
  if (form == kPacked) {
    result.width_ = in.fixed<std::uint8_t>();
    if (result.width_ > 32) return corrupt("codes of impossible width");
    if (result.width_ == 0 && count > kFreeValuesMax) return corrupt("too many codes");
    result.packed_ = in.take(packed_bytes(count, result.width_));
    if (in.failed()) return corrupt("codes end early");
    return result;
  }
  const std::uint64_t runs = in.varint();
  if (in.failed() || runs > count || count > kFreeValuesMax) {
    return corrupt("an impossible number of runs");
  }
  std::vector<std::int64_t> values(static_cast<std::size_t>(runs));
  TRY(TRY(Integers::parse(in, values.size())).decode(values));
  for (const std::int64_t value : values) {
    if (value < 0 || static_cast<std::uint64_t>(value) >= limit) {
      return corrupt("a code outside of its dictionary");
    }
    result.run_codes_.push_back(static_cast<std::uint32_t>(value));
  }
  TRY(TRY(Integers::parse(in, values.size())).decode(values));
  std::size_t end = 0;
  for (const std::int64_t length : values) {
    if (length <= 0 || static_cast<std::uint64_t>(length) > count - end) {
      return corrupt("a run of impossible length");
    }
    end += static_cast<std::size_t>(length);
    result.run_ends_.push_back(static_cast<std::uint32_t>(end));
  }
  if (end != count) return corrupt("runs that do not cover all rows");
  return result;
}

Result<std::vector<std::uint32_t>> Codes::checked(std::vector<std::uint32_t> codes) const {
  const std::uint32_t most = base::has_avx2() ? largest_avx2(codes) : largest_plain(codes);
  if (!codes.empty() && most >= limit_) return corrupt("a code outside of its dictionary");
  return codes;
}

Result<std::vector<std::uint32_t>> Codes::all() const {
  std::vector<std::uint32_t> codes(count_);
  if (run_codes_.empty()) {
    unpack(packed_, width_, std::span(codes));
  } else {
    std::size_t row = 0;
    for (std::size_t run = 0; run < run_codes_.size(); ++run) {
      while (row < run_ends_[run]) codes[row++] = run_codes_[run];
    }
  }
  return checked(std::move(codes));
}

Result<std::vector<std::uint32_t>> Codes::at(std::span<const std::uint32_t> rows) const {
  std::vector<std::uint32_t> codes(rows.size());
  std::size_t run = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (run_codes_.empty()) {
      codes[i] = static_cast<std::uint32_t>(packed_at(packed_, width_, count_, rows[i]));
    } else {
      while (rows[i] >= run_ends_[run]) ++run;
      codes[i] = run_codes_[run];
    }
  }
  return checked(std::move(codes));
}

}  // namespace lynxdb::segment
