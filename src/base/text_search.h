// Finding things in text at memory speed: a fixed needle, line ends, bytes that end a JSON string.
//
// Exact, and never reads outside the haystack. AVX2 where the machine has it, else plain code that
// the compiler maps to what every machine has; both are tested against a naive search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lynxdb::base {

enum class LetterCase : std::uint8_t {
  kExact,
  kIgnoreAscii,  // A-Z equal a-z; bytes outside ASCII must be the same.
};

// Searches for one needle. Immutable and thread-safe; cheap to copy. Two bytes of the needle that
// are rare in logs are compared in 32 places at once, the rest only where both fit.
class SubstringFinder {
 public:
  static constexpr std::size_t npos = std::string_view::npos;

  explicit SubstringFinder(std::string_view needle, LetterCase letter_case = LetterCase::kExact);

  // Where the needle first stands at or after `from`, else npos. An empty needle stands everywhere,
  // also at haystack.size().
  std::size_t find(std::string_view haystack, std::size_t from = 0) const;
  bool contains(std::string_view haystack) const { return find(haystack) != npos; }

  // As given, in lower case for kIgnoreAscii.
  const std::string& needle() const { return needle_; }

 private:
  friend struct TextSearchAccess;

  bool fits_at(const char* p) const;
  std::size_t find_naive(std::string_view haystack, std::size_t from) const;

  std::string needle_;
  std::string folds_;      // Per byte of the needle: 0x20 where a letter's case is ignored, else 0.
  std::size_t first_ = 0;  // Places of the two rare bytes in the needle, first_ <= second_.
  std::size_t second_ = 0;
  bool folding_ = false;
  bool avx2_ = false;
};

// How many of `text`'s bytes are `wanted`.
std::size_t count_byte(std::string_view text, char wanted);

// Lines of `text` that hold more than spaces, tabs, CR and other bytes up to the space. Lines end
// at LF; the last one needs none.
std::size_t count_lines_not_blank(std::string_view text);

// The first quote, backslash or control character (below 0x20) at or after `from`, else
// text.size().
std::size_t find_json_special(std::string_view text, std::size_t from = 0);

// For tests: the variants compiled for every machine, whatever this one can do.
struct TextSearchAccess {
  static void use_plain_code(SubstringFinder& finder) { finder.avx2_ = false; }
  static std::size_t count_byte_plain(std::string_view text, char wanted);
  static std::size_t count_lines_not_blank_plain(std::string_view text);
  static std::size_t find_json_special_plain(std::string_view text, std::size_t from);
};

}  // namespace lynxdb::base
