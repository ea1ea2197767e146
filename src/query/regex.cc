#include "query/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "query/regex_literal.h"

namespace lynxdb::query {
namespace {

// RE2 compiles a pattern into at most this much and drops its lazily built automaton beyond it:
// slower matching, never more memory. Patterns that need more at compile time are refused.
constexpr std::int64_t kEngineBytesMax = std::int64_t{16} << 20;
constexpr std::size_t kPatternBytesMax = 64U << 10U;
constexpr std::size_t kGroupsMax = 1000;
// Shorter texts are in most lines: looking for them first would only cost.
constexpr std::size_t kLiteralBytesMin = 3;
// Groups that are matched without an allocation.
constexpr std::size_t kGroupsInline = 12;

// End of a `[...]` class that begins at `begin`, one past the `]`.
std::size_t class_end(std::string_view pattern, std::size_t begin) {
  std::size_t i = begin + 1;
  if (i < pattern.size() && pattern[i] == '^') ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;  // A first `]` is a member.
  while (i < pattern.size() && pattern[i] != ']') {
    if (pattern[i] == '\\') {
      i += 2;
    } else if (pattern.substr(i).starts_with("[:")) {
      const std::size_t end = pattern.find(":]", i + 2);
      i = end == std::string_view::npos ? i + 1 : end + 2;
    } else {
      ++i;
    }
  }
  return std::min(i + 1, pattern.size());
}

// What RE2's own message would not tell a user: constructs of other engines.
std::string_view foreign_construct(std::string_view group) {
  if (group.starts_with("(?=") || group.starts_with("(?!")) return "look-ahead";
  if (group.starts_with("(?<=") || group.starts_with("(?<!")) return "look-behind";
  if (group.starts_with("(?P=")) return "back-reference";
  if (group.starts_with("(?>")) return "atomic group";
  if (group.starts_with("(?(")) return "condition";
  return {};
}

std::string_view foreign_escape(std::string_view escape) {
  if (escape.size() < 2) return {};
  if (escape[1] >= '1' && escape[1] <= '9') return "back-reference";
  if (escape[1] == 'k' || escape[1] == 'g') return "back-reference";
  return {};
}

Error unsupported(std::string_view construct) {
  return {ErrorCode::kInvalidArgument,
          "invalid regex: a " + std::string(construct) +
              " is not supported (RE2 syntax: no look-around, no back-references)"};
}

// The pattern for RE2: `(?<n>` as `(?P<n>`. Escapes, classes and \Q...\E are left alone.
Result<std::string> to_re2_syntax(std::string_view pattern) {
  std::string out;
  out.reserve(pattern.size() + 8);
  std::size_t i = 0;
  while (i < pattern.size()) {
    const std::string_view rest = pattern.substr(i);
    std::size_t taken = 1;
    if (rest.starts_with("\\Q")) {
      const std::size_t end = rest.find("\\E");
      taken = end == std::string_view::npos ? rest.size() : end + 2;
    } else if (rest[0] == '\\') {
      if (const auto construct = foreign_escape(rest); !construct.empty())
        return unsupported(construct);
      taken = std::min<std::size_t>(2, rest.size());
    } else if (rest[0] == '[') {
      taken = class_end(pattern, i) - i;
    } else if (rest.starts_with("(?")) {
      if (const auto construct = foreign_construct(rest); !construct.empty())
        return unsupported(construct);
      if (rest.starts_with("(?<")) {
        out += "(?P<";
        i += 3;
        continue;
      }
    }
    out += rest.substr(0, taken);
    i += taken;
  }
  return out;
}

bool is_plain_text(std::string_view pattern) {
  return pattern.find_first_of("\\^$.|?*+()[]{}") == std::string_view::npos;
}

// RE2 says "missing ): (a"; users read better in words of their own.
std::string describe(const re2::RE2& engine) {
  std::string message = "invalid regex: " + engine.error();
  if (engine.error_code() == re2::RE2::ErrorPatternTooLarge)
    message = "invalid regex: the pattern is too large (repetitions multiply its size)";
  return message;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Regex::Regex(std::string_view pattern) : pattern_(pattern) {}
Regex::~Regex() = default;

Result<RegexPtr> Regex::compile(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax)
    return Error{ErrorCode::kInvalidArgument, "invalid regex: longer than 64 kb"};
  const std::string translated = TRY(to_re2_syntax(pattern));

  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kEngineBytesMax);
  const std::shared_ptr<Regex> regex(new Regex(pattern));
  regex->engine_ = std::make_unique<re2::RE2>(piece(translated), options);
  if (!regex->engine_->ok()) return Error{ErrorCode::kInvalidArgument, describe(*regex->engine_)};

  regex->is_literal_ = is_plain_text(pattern);
  const std::string literal = regex->is_literal_ ? std::string(pattern) : required_literal(pattern);
  if (regex->is_literal_ || literal.size() >= kLiteralBytesMin) regex->literal_.emplace(literal);
  regex->direct_ = DirectMatcher::compile(pattern);
  regex->group_count_ = static_cast<std::size_t>(regex->engine_->NumberOfCapturingGroups());
  if (regex->group_count_ >= kGroupsMax)
    return Error{ErrorCode::kInvalidArgument, "invalid regex: more than 999 groups"};
  for (const auto& [index, name] : regex->engine_->CapturingGroupNames())
    regex->named_groups_.push_back({name, static_cast<std::size_t>(index)});
  return RegexPtr(regex);
}

std::optional<base::RunPattern> Regex::runs() const {
  if (direct_) return direct_->runs();
  if (!literal_) return std::nullopt;
  return base::RunPattern{.first = literal_->needle(), .steps = {}};
}

bool Regex::matches(std::string_view text) const {
  if (direct_) {
    const DirectMatcher::Found found = direct_->find(text, {}, 0);
    if (found != DirectMatcher::Found::kUnknown) return found == DirectMatcher::Found::kYes;
  }
  if (literal_ && !literal_->contains(text)) return false;
  if (is_literal_) return true;
  return engine_->Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Regex::find(std::string_view text, std::span<std::string_view> groups,
                 std::size_t start) const {
  if (start > text.size()) return false;
  if (direct_) {
    const DirectMatcher::Found found = direct_->find(text, groups, start);
    if (found != DirectMatcher::Found::kUnknown) return found == DirectMatcher::Found::kYes;
  }
  if (literal_ && literal_->find(text, start) == base::SubstringFinder::npos) return false;
  const std::size_t wanted = std::min(groups.size(), group_count_ + 1);
  std::array<re2::StringPiece, kGroupsInline> few;
  std::vector<re2::StringPiece> many(wanted > few.size() ? wanted : 0);
  re2::StringPiece* found = many.empty() ? few.data() : many.data();
  if (!engine_->Match(piece(text), start, text.size(), re2::RE2::UNANCHORED, found,
                      static_cast<int>(wanted)))
    return false;
  for (std::size_t i = 0; i < wanted; ++i) groups[i] = {found[i].data(), found[i].size()};
  return true;
}

std::size_t Regex::after(std::string_view text, std::string_view match) {
  std::size_t end = static_cast<std::size_t>(match.data() - text.data()) + match.size();
  if (!match.empty()) return end;
  ++end;
  while (end < text.size() && is_continuation(text[end])) ++end;
  return end;
}

RegexPtr RegexCache::shared(std::string_view pattern) {
  if (!filled_ || pattern != pattern_) {
    Result<RegexPtr> compiled = Regex::compile(pattern);
    regex_ = compiled ? *std::move(compiled) : nullptr;
    pattern_ = pattern;
    filled_ = true;
  }
  return regex_;
}

const Regex* RegexCache::get(std::string_view pattern) { return shared(pattern).get(); }

RegexReplacement::RegexReplacement(RegexPtr regex, std::string_view replacement)
    : regex_(std::move(regex)) {
  parse(replacement);
}

void RegexReplacement::parse(std::string_view replacement) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0;
  while (i < replacement.size()) {
    const char c = replacement[i];
    const char next = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
    if ((c == '$' || c == '\\') && is_digit(next)) {
      std::size_t end = i + 2;
      while (c == '$' && end < replacement.size() && end < i + 4 && is_digit(replacement[end]))
        ++end;
      add_group(replacement.substr(i + 1, end - i - 1));
      i = end;
    } else if ((c == '$' || c == '\\') && next == c) {
      add_literal({&replacement[i], 1});
      i += 2;
    } else if (c == '$' && next == '{' && replacement.find('}', i) != std::string_view::npos) {
      const std::size_t end = replacement.find('}', i);
      add_group(replacement.substr(i + 2, end - i - 2));
      i = end + 1;
    } else {
      add_literal({&replacement[i], 1});
      ++i;
    }
  }
}

void RegexReplacement::add_literal(std::string_view text) {
  if (pieces_.empty() || pieces_.back().is_group) pieces_.push_back({});
  pieces_.back().literal += text;
}

void RegexReplacement::add_group(std::string_view reference) {
  const bool number =
      !reference.empty() && reference.size() <= 3 &&
      std::all_of(reference.begin(), reference.end(), [](char c) { return c >= '0' && c <= '9'; });
  std::size_t index = regex_->group_count() + 1;
  if (number) index = std::stoul(std::string(reference));
  for (const Regex::NamedGroup& group : regex_->named_groups())
    if (group.name == reference) index = group.index;
  if (index <= regex_->group_count()) pieces_.push_back({{}, index, true});
}

bool RegexReplacement::apply(std::string_view text, std::string& out, std::size_t bytes_max) const {
  std::vector<std::string_view> groups(regex_->group_count() + 1);
  std::size_t start = 0;
  std::size_t copied = 0;
  bool any = false;
  while (start <= text.size() && regex_->find(text, groups, start)) {
    any = true;
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    out += text.substr(copied, begin - copied);
    for (const Piece& part : pieces_) {
      out += part.is_group ? groups[part.group] : part.literal;
      if (out.size() > bytes_max) return true;
    }
    copied = begin + groups[0].size();
    start = Regex::after(text, groups[0]);
  }
  if (any) out += text.substr(copied);
  return any;
}

}  // namespace lynxdb::query
