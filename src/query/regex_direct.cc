#include "query/regex_direct.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace lynxdb::query {
namespace {

constexpr std::size_t kStepsMax = 8;

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Bytes that stand for themselves outside of classes.
bool is_plain(char c) {
  return is_ascii(c) && std::string_view("\\^$.|?*+()[]{}").find(c) == std::string_view::npos;
}

}  // namespace

// Reads a pattern front to back; whatever it does not know makes it give up.
class DirectPattern {
 public:
  explicit DirectPattern(std::string_view pattern) : rest_(pattern) {}

  std::optional<DirectMatcher> compile() {
    const std::optional<std::string> first = text();
    if (!first || first->empty()) return std::nullopt;
    DirectMatcher matcher(*first);
    while (!rest_.empty()) {
      DirectMatcher::Step step;
      if (matcher.steps_.size() == kStepsMax || !group(step)) return std::nullopt;
      std::optional<std::string> behind = text();
      if (!behind) return std::nullopt;
      // An empty text is the end, or another group follows at once.
      if (behind->empty() ? !rest_.empty() : step.bytes.has(behind->front())) return std::nullopt;
      step.behind = *std::move(behind);
      matcher.steps_.push_back(std::move(step));
    }
    if (matcher.steps_.empty()) return std::nullopt;
    return matcher;
  }

 private:
  using ByteSet = DirectMatcher::ByteSet;

  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  // Up to a group or the end; nullopt when something else stands there.
  std::optional<std::string> text() {
    std::string text;
    while (!rest_.empty() && rest_.front() != '(') {
      if (rest_.front() == '\\') {
        const std::optional<char> escaped = punctuation();
        if (!escaped) return std::nullopt;
        text += *escaped;
      } else if (is_plain(rest_.front())) {
        text += rest_.front();
        rest_.remove_prefix(1);
      } else {
        return std::nullopt;
      }
    }
    return text;
  }

  // An escaped byte that is itself.
  std::optional<char> punctuation() {
    if (rest_.size() < 2 || base::is_alphanumeric(rest_[1]) || rest_[1] == '_' ||
        !is_ascii(rest_[1]) || rest_[1] <= ' ' || rest_[1] == 0x7f)
      return std::nullopt;
    const char c = rest_[1];
    rest_.remove_prefix(2);
    return c;
  }

  bool group(DirectMatcher::Step& step) {
    if (!take("(")) return false;
    if (take("?<") || take("?P<")) {
      const std::size_t end = rest_.find('>');
      if (end == std::string_view::npos) return false;
      rest_.remove_prefix(end + 1);
    }
    if (!byte_class(step.bytes)) return false;
    step.may_be_empty = rest_.starts_with('*');
    return (take("+") || take("*")) && take(")");
  }

  bool byte_class(ByteSet& set) {
    if (!take("[")) return escaped_class(set);
    const bool negated = take("^");
    bool first = true;
    while (first || !rest_.starts_with(']')) {
      if (rest_.empty() || !member(set)) return false;
      first = false;
    }
    rest_.remove_prefix(1);
    if (negated) negate(set);
    return true;
  }

  // One byte, a range of them, or \d and the like.
  bool member(ByteSet& set) {
    if (rest_.starts_with('[')) return false;  // Maybe [:alpha:].
    if (escaped_class(set)) return true;
    const std::optional<char> low = byte();
    if (!low) return false;
    if (!rest_.starts_with('-') || rest_.starts_with("-]")) return add(set, *low, *low);
    rest_.remove_prefix(1);
    const std::optional<char> high = byte();
    return high && *low <= *high && add(set, *low, *high);
  }

  std::optional<char> byte() {
    if (rest_.starts_with('\\')) return punctuation();
    if (rest_.empty() || !is_ascii(rest_.front()) || rest_.front() == '[') return std::nullopt;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool escaped_class(ByteSet& set) {
    if (rest_.size() < 2 || rest_[0] != '\\') return false;
    const char kind = rest_[1];
    ByteSet named;
    switch (kind) {
      case 'd':
      case 'D':
        add(named, '0', '9');
        break;
      case 'w':
      case 'W':
        add(named, '0', '9');
        add(named, 'a', 'z');
        add(named, 'A', 'Z');
        add(named, '_', '_');
        break;
      case 's':
      case 'S':
        for (const char c : {'\t', '\n', '\f', '\r', ' '}) add(named, c, c);
        break;
      default:
        return false;
    }
    if (kind < 'a') negate(named);
    for (std::size_t i = 0; i < set.bytes.size(); ++i)
      set.bytes[i] = set.bytes[i] || named.bytes[i];
    set.other_characters = set.other_characters || named.other_characters;
    rest_.remove_prefix(2);
    return true;
  }

  static bool add(ByteSet& set, unsigned char low, unsigned char high) {
    for (std::size_t c = low; c <= high; ++c) set.bytes[c] = true;
    return true;
  }

  static void negate(ByteSet& set) {
    for (std::size_t i = 0; i < 128; ++i) set.bytes[i] = !set.bytes[i];
    set.other_characters = !set.other_characters;
  }

  std::string_view rest_;
};

std::optional<DirectMatcher> DirectMatcher::compile(std::string_view pattern) {
  return DirectPattern(pattern).compile();
}

DirectMatcher::Found DirectMatcher::find(std::string_view text, std::span<std::string_view> groups,
                                         std::size_t start) const {
  std::size_t patience = 4 * text.size();
  for (;; ++start) {
    start = first_.find(text, start);
    if (start == base::SubstringFinder::npos) return Found::kNo;
    std::size_t end = start;
    const Found found = match_at(text, start, groups, end);
    if (found != Found::kNo) return found;
    if (end - start > patience) return Found::kUnknown;
    patience -= end - start;
  }
}

DirectMatcher::Found DirectMatcher::match_at(std::string_view text, std::size_t begin,
                                             std::span<std::string_view> groups,
                                             std::size_t& end) const {
  std::size_t at = begin + first_.needle().size();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    const std::size_t run = at;
    while (at < text.size() && step.bytes.has(text[at])) ++at;
    end = at;
    if (step.bytes.other_characters && at < text.size() && !is_ascii(text[at]))
      return Found::kUnknown;
    if (at == run && !step.may_be_empty) return Found::kNo;
    if (i + 1 < groups.size()) groups[i + 1] = text.substr(run, at - run);
    if (!text.substr(at).starts_with(step.behind)) return Found::kNo;
    at += step.behind.size();
  }
  if (!groups.empty()) groups[0] = text.substr(begin, at - begin);
  return Found::kYes;
}

}  // namespace lynxdb::query
