#include "query/regex_literal.h"

#include <utility>

#include "base/ascii.h"

namespace lynxdb::query {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

// Walks over the parts of the pattern that stand outside all groups. Whatever it does not know for
// certain ends the run of characters that it is collecting.
class Walk {
 public:
  explicit Walk(std::string_view pattern) : rest_(pattern) {}

  std::string longest() && {
    while (!rest_.empty())
      if (!step()) return "";
    end_run();
    return std::move(longest_);
  }

 private:
  // False when nothing can be said about the pattern as a whole.
  bool step() {
    const char c = rest_.front();
    switch (c) {
      case '|':
        return false;
      case '(':
        end_run();
        return skip_group();
      case '[':
        end_run();
        return skip_class();
      case '\\':
        return escape();
      case '*':
      case '?':
      case '{':
        drop_last_character();
        end_run();
        if (c == '{') skip_to('}');
        break;
      case '+':
      case '.':
      case '^':
      case '$':
        end_run();
        break;
      default:
        run_ += c;
    }
    rest_.remove_prefix(1);
    return true;
  }

  // Escaped punctuation is itself; letters and digits are classes, assertions and codes.
  bool escape() {
    if (rest_.size() < 2 || rest_[1] == 'Q') return false;
    if (base::is_alphanumeric(rest_[1])) {
      end_run();
      // The arguments of \pN, \p{Greek}, \x41, \x{41} and octal codes are no text to search for.
      if (rest_[1] != 'd' && rest_[1] != 'D' && rest_[1] != 's' && rest_[1] != 'S' &&
          rest_[1] != 'w' && rest_[1] != 'W' && rest_[1] != 'b' && rest_[1] != 'B')
        return false;
    } else {
      run_ += rest_[1];
    }
    rest_.remove_prefix(2);
    return true;
  }

  // Groups may be optional or hold alternatives, so they are left out; flags change what follows.
  bool skip_group() {
    if (rest_.starts_with("(?") && !rest_.starts_with("(?:") && !rest_.starts_with("(?P<") &&
        !rest_.starts_with("(?<"))
      return false;
    int depth = 0;
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '[') {
        if (!skip_class()) return false;
        continue;
      }
      if (c == '\\') {
        if (rest_.size() < 2 || rest_[1] == 'Q') return false;
        rest_.remove_prefix(1);
      }
      if (c == '(') ++depth;
      if (c == ')' && --depth == 0) break;
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Classes with other classes inside (`[[:alpha:]]`) or escapes are rare: no literal then.
  bool skip_class() {
    const std::size_t first = rest_.starts_with("[^") ? 2 : 1;
    const std::size_t close = rest_.find(']', first + 1);  // A first `]` is a member.
    if (close == std::string_view::npos) return false;
    const std::string_view members = rest_.substr(first, close - first);
    if (members.find('[') != std::string_view::npos ||
        members.find("\\]") != std::string_view::npos || members.ends_with('\\'))
      return false;
    rest_.remove_prefix(close + 1);
    return true;
  }

  void skip_to(char wanted) {
    while (rest_.size() > 1 && rest_.front() != wanted) rest_.remove_prefix(1);
  }

  void drop_last_character() {
    while (!run_.empty() && is_continuation(run_.back())) run_.pop_back();
    if (!run_.empty()) run_.pop_back();
  }

  void end_run() {
    if (run_.size() > longest_.size()) longest_ = run_;
    run_.clear();
  }

  std::string_view rest_;
  std::string run_;
  std::string longest_;
};

}  // namespace

std::string required_literal(std::string_view pattern) { return Walk(pattern).longest(); }

}  // namespace lynxdb::query
