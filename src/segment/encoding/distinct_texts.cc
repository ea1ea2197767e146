#include "segment/encoding/distinct_texts.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <random>
#include <utility>

#include "base/hash.h"

namespace lynxdb::segment {
namespace {

constexpr std::uint32_t kUnused = std::numeric_limits<std::uint32_t>::max();

// Gives up early on columns of ids and messages: their first rows tell. Of 50,000 strings that are
// equally frequent about ten come twice in the first thousand rows.
constexpr std::size_t kRowsBeforeJudgement = 8192;
constexpr std::size_t kRowsBeforeFirstJudgement = 1024;
constexpr std::size_t kRepeatedMin = 3;

// A number that nobody outside of the process knows, so that nobody can send us strings that all
// have the same hash.
std::uint64_t secret() {
  static const std::uint64_t number =
      std::uint64_t{std::random_device{}()} << 32U | std::random_device{}() | 1U;
  return number;
}

std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

template <typename Word>
std::uint64_t word_of(const char* at) {
  Word word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Most strings of columns that repeat are short: two loads, two multiplications.
std::uint64_t hash_of(std::string_view text, std::uint64_t key) {
  const char* const begin = text.data();
  const std::size_t size = text.size();
  if (size > 32) return base::xxh3(text, key);
  const char* const end = begin + size;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  if (size > 16) {
    a = folded_product(word_of<std::uint64_t>(begin) ^ key,
                       word_of<std::uint64_t>(begin + 8) ^ ~key);
    b = folded_product(word_of<std::uint64_t>(end - 16) ^ (key << 1U),
                       word_of<std::uint64_t>(end - 8) ^ key);
  } else if (size >= 8) {
    a = word_of<std::uint64_t>(begin);
    b = word_of<std::uint64_t>(end - 8);
  } else if (size >= 4) {
    a = word_of<std::uint32_t>(begin);
    b = word_of<std::uint32_t>(end - 4);
  } else if (size > 0) {
    a = static_cast<unsigned char>(*begin);
    b = static_cast<std::uint64_t>(static_cast<unsigned char>(begin[size / 2])) << 8U |
        static_cast<unsigned char>(end[-1]);
  }
  return folded_product(a ^ key, b ^ ~key ^ size * 0x9e3779b97f4a7c15U);
}

// An open-addressing table from string to number in order of appearance.
class Numbering {
 public:
  std::uint32_t number(std::string_view text) {
    if (entries_.size() * 2 >= slots_.size()) grow();
    const std::uint64_t hash = hash_of(text, key_);
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      const std::uint32_t entry = slots_[at];
      if (entry == kUnused) {
        slots_[at] = static_cast<std::uint32_t>(entries_.size());
        entries_.push_back(text);
        hashes_.push_back(hash);
        return slots_[at];
      }
      if (hashes_[entry] == hash && entries_[entry] == text) return entry;
    }
  }

  std::vector<std::string_view>& entries() { return entries_; }

 private:
  std::size_t mask() const { return slots_.size() - 1; }

  void grow() {
    slots_.assign(std::max<std::size_t>(1024, slots_.size() * 2), kUnused);
    for (std::uint32_t entry = 0; entry < entries_.size(); ++entry) {
      std::size_t at = hashes_[entry] & mask();
      while (slots_[at] != kUnused) at = (at + 1) & mask();
      slots_[at] = entry;
    }
  }

  const std::uint64_t key_ = secret();
  std::vector<std::uint32_t> slots_;
  std::vector<std::string_view> entries_;
  std::vector<std::uint64_t> hashes_;
};

// The first 16 bytes of a string as numbers that compare like it: most strings differ there, and
// sorting by them touches no text.
struct SortKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::uint32_t entry = 0;
};

SortKey sort_key(std::string_view text, std::uint32_t entry) {
  std::array<std::uint64_t, 2> words{};
  if (!text.empty()) std::memcpy(words.data(), text.data(), std::min(text.size(), sizeof words));
  return {__builtin_bswap64(words[0]), __builtin_bswap64(words[1]), entry};
}

// Puts entries in order and renumbers the codes.
DistinctTexts sorted(std::vector<std::string_view> entries, std::vector<std::uint32_t> codes) {
  std::vector<SortKey> order;
  order.reserve(entries.size());
  for (const std::string_view entry : entries) {
    order.push_back(sort_key(entry, static_cast<std::uint32_t>(order.size())));
  }
  std::sort(order.begin(), order.end(), [&](const SortKey& a, const SortKey& b) {
    if (a.high != b.high) return a.high < b.high;
    if (a.low != b.low) return a.low < b.low;
    return entries[a.entry] < entries[b.entry];
  });
  std::vector<std::uint32_t> place(entries.size());
  DistinctTexts result;
  result.entries.reserve(entries.size());
  for (const SortKey& key : order) {
    place[key.entry] = static_cast<std::uint32_t>(result.entries.size());
    result.entries.push_back(entries[key.entry]);
  }
  for (std::uint32_t& code : codes) code = place[code];
  result.codes = std::move(codes);
  return result;
}

}  // namespace

std::optional<DistinctTexts> distinct_texts(std::span<const std::string_view> values) {
  Numbering numbering;
  std::vector<std::uint32_t> codes;
  codes.reserve(values.size());
  for (const std::string_view value : values) {
    codes.push_back(numbering.number(value));
    if (codes.size() == kRowsBeforeFirstJudgement &&
        numbering.entries().size() + kRepeatedMin > kRowsBeforeFirstJudgement) {
      return std::nullopt;
    }
    if (codes.size() == kRowsBeforeJudgement &&
        numbering.entries().size() > kRowsBeforeJudgement / 20 * 19) {
      return std::nullopt;
    }
  }
  return sorted(std::move(numbering.entries()), std::move(codes));
}

DistinctTexts distinct_texts(const event::Column& dictionary) {
  const std::span<const std::string_view> from = dictionary.dictionary()->string_values();
  std::vector<std::uint32_t> number_of(from.size(), kUnused);
  // By text, not by code: a dictionary may hold a string twice.
  Numbering numbering;
  std::vector<std::uint32_t> codes;
  codes.reserve(dictionary.size());
  for (std::size_t row = 0; row < dictionary.size(); ++row) {
    if (dictionary.is_null(row)) continue;
    const std::uint32_t code = dictionary.codes()[row];
    if (number_of[code] == kUnused) number_of[code] = numbering.number(from[code]);
    codes.push_back(number_of[code]);
  }
  return sorted(std::move(numbering.entries()), std::move(codes));
}

}  // namespace lynxdb::segment
