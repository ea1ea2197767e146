#include "event/parse/syslog_scan.h"

#include <algorithm>

#include "base/ascii.h"

namespace lynxdb::event {
namespace {

constexpr std::size_t kTagBytesMax = 128;

using base::is_digit;

// One `name="value"` at the start of `text`; its parts and its size.
std::size_t scan_param(std::string_view text, StructuredParam& out) {
  const std::size_t equals = text.find_first_of("= ]\"");
  if (equals == std::string_view::npos || equals == 0 || text[equals] != '=') return 0;
  if (equals + 1 >= text.size() || text[equals + 1] != '"') return 0;
  const std::size_t begin = equals + 2;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      out.name = text.substr(0, equals);
      out.value = text.substr(begin, i - begin);
      return i + 1;
    }
  }
  return 0;
}

std::size_t id_size(std::string_view text) {
  return std::min(text.find_first_of(" ]=\""), text.size());
}

}  // namespace

std::optional<std::int64_t> take_priority(std::string_view& text) {
  if (!text.starts_with('<')) return std::nullopt;
  std::int64_t value = 0;
  std::size_t i = 1;
  for (; i < text.size() && i <= 3 && is_digit(text[i]); ++i) value = value * 10 + (text[i] - '0');
  if (i == 1 || i >= text.size() || text[i] != '>' || value > 191) return std::nullopt;
  text.remove_prefix(i + 1);
  return value;
}

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

std::optional<SyslogTag> take_tag(std::string_view& text) {
  std::string_view rest = text;
  if (rest.starts_with("-- ")) rest.remove_prefix(3);
  const std::size_t end = rest.find_first_of(" :[");
  if (end == std::string_view::npos || end == 0 || end > kTagBytesMax) return std::nullopt;
  SyslogTag tag{.app_name = rest.substr(0, end), .procid = {}};
  const char after = rest[end];
  rest.remove_prefix(end);
  if (after == '[') {
    const std::size_t close = rest.find(']');
    if (close > kTagBytesMax) return std::nullopt;  // npos, too.
    tag.procid = rest.substr(1, close - 1);
    if (tag.procid.empty() || tag.procid.find(' ') != std::string_view::npos) return std::nullopt;
    rest.remove_prefix(close + 1);
    if (rest.starts_with(':')) rest.remove_prefix(1);
    if (!rest.empty() && rest.front() != ' ') return std::nullopt;
  } else if (after == ':') {
    rest.remove_prefix(1);
    // "10:30" and "http://x" are no tags.
    if (!rest.empty() && rest.front() != ' ') return std::nullopt;
  } else {
    // "syslogd 1.4.1: restart": the word behind the name is its version and stays in the message.
    const std::string_view version = rest.substr(1, rest.find(' ', 1) - 1);
    if (version.size() < 2 || !is_digit(version.front()) || version.back() != ':')
      return std::nullopt;
  }
  skip_spaces(rest);
  text = rest;
  return tag;
}

bool is_repeat_notice(std::string_view message) {
  return message.starts_with("last message repeated ") || message.starts_with("message repeated ");
}

std::optional<std::size_t> structured_data_size(std::string_view text) {
  if (text.starts_with('-') && (text.size() == 1 || text[1] == ' ')) return 1;
  std::string_view rest = text;
  while (rest.starts_with('[')) {
    rest.remove_prefix(1);
    const std::size_t id = id_size(rest);
    if (id == 0) return std::nullopt;
    rest.remove_prefix(id);
    while (rest.starts_with(' ')) {
      skip_spaces(rest);
      if (rest.starts_with(']')) break;
      StructuredParam ignored;
      const std::size_t size = scan_param(rest, ignored);
      if (size == 0) return std::nullopt;
      rest.remove_prefix(size);
    }
    if (!rest.starts_with(']')) return std::nullopt;
    rest.remove_prefix(1);
  }
  const std::size_t size = text.size() - rest.size();
  const bool ends = size > 0 && (rest.empty() || rest.front() == ' ');
  return ends ? std::optional(size) : std::nullopt;
}

std::optional<StructuredParam> StructuredData::next() {
  while (!rest_.empty()) {
    const char c = rest_.front();
    if (c == '[') {
      rest_.remove_prefix(1);
      const std::size_t id = id_size(rest_);
      id_ = rest_.substr(0, id);
      rest_.remove_prefix(id);
      continue;
    }
    if (c == ' ' || c == ']') {
      rest_.remove_prefix(1);
      continue;
    }
    StructuredParam param;
    const std::size_t size = scan_param(rest_, param);
    if (size == 0) break;
    rest_.remove_prefix(size);
    param.id = id_;
    return param;
  }
  return std::nullopt;
}

std::string_view unescape_param(std::string_view value, Arena& arena) {
  if (value.find('\\') == std::string_view::npos) return value;
  char* const begin = arena.allocate(value.size());
  char* out = begin;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool is_escape = value[i] == '\\' && i + 1 < value.size() &&
                           (value[i + 1] == '"' || value[i + 1] == '\\' || value[i + 1] == ']');
    if (is_escape) ++i;
    *out++ = value[i];
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

}  // namespace lynxdb::event
