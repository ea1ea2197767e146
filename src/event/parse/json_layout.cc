#include "event/parse/json_layout.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "event/parse/json_scan.h"

namespace lynxdb::event {
namespace {

constexpr std::size_t kDepthMax = 16;       // Deeper objects become JSON text.
constexpr std::size_t kNameBytesMax = 256;  // Longer names are the full parser's business.

// A lesson costs a second scan of a line, so lessons are paid for by matches. Lines passed over pay
// a little: where every line looks different, one in sixteen is learned.
constexpr std::int64_t kCreditMax = 1024;
constexpr std::int64_t kLessonCost = 16;
constexpr std::int64_t kMatchPay = 4;
constexpr std::int64_t kPassPay = 1;

// Lines with no other names may be envelopes, depending on the value of `event`.
bool is_envelope_name(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames = {"event", "time",  "source", "sourcetype",
                                                      "host",  "index", "fields"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

// Walks a valid line and notes where its scalars are.
class LayoutLearner {
 public:
  LayoutLearner(std::string_view line, std::size_t fields_max)
      : p_(line.data()),
        end_(line.data() + line.size()),
        literal_begin_(p_),
        fields_max_(fields_max) {}

  std::optional<JsonLayout> learn() {
    if (*p_ != '{' || !object(1)) return std::nullopt;
    const std::string_view rest(p_, static_cast<std::size_t>(end_ - p_));
    if (rest != "\n" && rest != "\r\n") return std::nullopt;
    if (only_envelope_names_ && has_event_) return std::nullopt;
    p_ = end_;
    close_literal();
    return std::move(layout_);
  }

 private:
  // The object at p_. Its first byte is a brace.
  bool object(std::size_t depth) {  // NOLINT(misc-no-recursion): at most kDepthMax levels.
    if (depth > kDepthMax) return false;
    ++p_;
    skip_space();
    if (*p_ == '}') return ++p_, true;
    while (true) {
      const std::size_t path_size = path_.size();
      if (!name() || !value(depth)) return false;
      path_.resize(path_size);
      skip_space();
      const char separator = *p_++;
      if (separator == '}') return true;
      if (separator != ',') return false;
      skip_space();
    }
  }

  // `"name" :` onto path_.
  bool name() {
    JsonSlice slice;
    base::ByteBlock seen{};
    if (*p_ != '"') return false;
    p_ = scan_string(p_, slice, seen);
    if (p_ == nullptr || slice.kind != JsonKind::kString || slice.size == 0) return false;
    if (path_.empty()) {
      only_envelope_names_ = only_envelope_names_ && is_envelope_name(slice.text());
      has_event_ = has_event_ || slice.text() == "event";
    } else {
      path_ += '.';
    }
    path_ += slice.text();
    if (path_.size() > kNameBytesMax) return false;
    skip_space();
    if (*p_++ != ':') return false;
    skip_space();
    return true;
  }

  bool value(std::size_t depth) {  // NOLINT(misc-no-recursion)
    if (*p_ == '{') return object(depth + 1);
    close_literal();
    JsonSlice slice;
    base::ByteBlock seen{};
    p_ = scan_value(p_, slice, seen);
    if (p_ == nullptr) return false;
    literal_begin_ = p_;
    if (!known_.insert(path_).second || known_.size() > fields_max_) return false;
    layout_.names_.push_back(path_);
    return true;
  }

  void skip_space() { p_ = skip_json_space(p_); }
  void close_literal() {
    layout_.add_literal({literal_begin_, static_cast<std::size_t>(p_ - literal_begin_)});
  }

  const char* p_;
  const char* const end_;
  const char* literal_begin_;
  const std::size_t fields_max_;
  std::string path_;
  std::unordered_set<std::string> known_;
  bool only_envelope_names_ = true;
  bool has_event_ = false;
  JsonLayout layout_;
};

std::optional<JsonLayout> JsonLayout::learn(std::string_view line, std::size_t fields_max) {
  // Names outside UTF-8 would never be checked again.
  if (!line.ends_with('\n') || !simdjson::validate_utf8(line.data(), line.size()))
    return std::nullopt;
  return LayoutLearner(line, fields_max).learn();
}

void JsonLayout::add_literal(std::string_view text) {
  Literal literal{.offset = static_cast<std::uint32_t>(bytes_.size()),
                  .size = static_cast<std::uint32_t>(text.size())};
  // The last block, a part of one or a whole one, is compared by mask.
  literal.whole_blocks = text.empty() ? 0 : (literal.size - 1) / base::kBlockBytes;
  const std::uint32_t rest = literal.size - literal.whole_blocks * base::kBlockBytes;
  literal.mask = rest == base::kBlockBytes ? ~0U : (1U << rest) - 1;
  bytes_ += text;
  bytes_.resize(literal.offset + (literal.whole_blocks + 1) * base::kBlockBytes);
  literals_.push_back(literal);
}

// Whole blocks first: each that fits lies within the line, since a literal holds no LF but as its
// last byte, so the next one may be read.
LYNXDB_INLINE bool JsonLayout::literal_fits(const Literal& literal, const char* p) const {
  const char* expected = bytes_.data() + literal.offset;
  for (std::uint32_t i = 0; i < literal.whole_blocks; ++i) {
    if (base::bytes_different(p, expected) != 0) return false;
    p += base::kBlockBytes;
    expected += base::kBlockBytes;
  }
  return (base::bytes_different(p, expected) & literal.mask) == 0;
}

LYNXDB_INLINE const char* JsonLayout::match_inlined(const char* line, JsonSlice* values) const {
  const char* p = line;
  base::ByteBlock seen{};
  const std::size_t count = names_.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (!literal_fits(literals_[i], p)) return nullptr;
    p = scan_value(p + literals_[i].size, values[i], seen);
    if (p == nullptr) return nullptr;
  }
  if (!literal_fits(literals_[count], p)) return nullptr;
  p += literals_[count].size;
  if (has_non_ascii(seen) && !simdjson::validate_utf8(line, static_cast<std::size_t>(p - line))) {
    return nullptr;
  }
  return p;
}

LYNXDB_TARGET_AVX2 const char* JsonLayout::match_avx2(const char* line, JsonSlice* values) const {
  return match_inlined(line, values);
}

const char* JsonLayout::match_plain(const char* line, JsonSlice* values) const {
  return match_inlined(line, values);
}

const char* JsonLayout::match(const char* line, JsonSlice* values) const {
  return base::has_avx2() ? match_avx2(line, values) : match_plain(line, values);
}

JsonLayouts::JsonLayouts(std::size_t fields_max) : fields_max_(fields_max), credit_(kCreditMax) {}

std::optional<JsonLayouts::Match> JsonLayouts::match_at(std::size_t place, const char* line) {
  Entry& entry = entries_[place];
  const char* end = entry.layout->match(line, values_.data());
  if (end == nullptr) return std::nullopt;
  entries_[last_].likely_next = place;
  last_ = place;
  entry.last_use = ++uses_;
  credit_ = std::min(credit_ + kMatchPay, kCreditMax);
  return Match{
      .layout = place, .line_end = end, .values = {values_.data(), entry.layout->names().size()}};
}

std::optional<JsonLayouts::Match> JsonLayouts::match(const char* line) {
  if (entries_.empty()) return std::nullopt;
  const std::size_t likely = entries_[last_].likely_next;
  if (auto match = match_at(likely, line)) return match;
  for (std::size_t place = 0; place < entries_.size(); ++place) {
    if (place == likely) continue;
    if (auto match = match_at(place, line)) return match;
  }
  return std::nullopt;
}

std::optional<std::size_t> JsonLayouts::learn(std::string_view line) {
  if (credit_ < kLessonCost) {
    credit_ += kPassPay;
    return std::nullopt;
  }
  credit_ -= kLessonCost;
  std::optional<JsonLayout> layout = JsonLayout::learn(line, fields_max_);
  if (!layout) return std::nullopt;
  std::size_t place = entries_.size();
  if (entries_.size() < kMax) {
    entries_.emplace_back();
  } else {
    const auto oldest =
        std::min_element(entries_.begin(), entries_.end(),
                         [](const Entry& a, const Entry& b) { return a.last_use < b.last_use; });
    place = static_cast<std::size_t>(oldest - entries_.begin());
  }
  values_.resize(std::max(values_.size(), layout->names().size()));
  entries_[place] = {.layout = std::move(layout), .likely_next = place, .last_use = ++uses_};
  entries_[last_].likely_next = place;
  last_ = place;
  return place;
}

}  // namespace lynxdb::event
