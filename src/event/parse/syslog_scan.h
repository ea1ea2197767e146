// The pieces of a syslog header. Functions named take_* remove what they read from the front of
// `text`; all is borrowed from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "event/column.h"

namespace lynxdb::event {

// `<0>` to `<191>`; nullopt (nothing taken) for anything else.
std::optional<std::int64_t> take_priority(std::string_view& text);

// Up to the next space, which is taken too.
std::string_view take_word(std::string_view& text);
void skip_spaces(std::string_view& text);

struct SyslogTag {
  std::string_view app_name;
  std::string_view procid;  // Empty when there is none.
};

// `app:`, `app[pid]:`, `app[pid]`, `app version:`, with the spaces behind it. The name may hold
// what PAM adds: `sshd(pam_unix)[19939]:`. Dashes that login programs put before the name are
// skipped.
std::optional<SyslogTag> take_tag(std::string_view& text);

// "last message repeated 3 times", which has no tag.
bool is_repeat_notice(std::string_view message);

// Bytes of the structured data at the start of `text`: `-`, or `[id name="value" ...]...`.
std::optional<std::size_t> structured_data_size(std::string_view text);

struct StructuredParam {
  std::string_view id;
  std::string_view name;
  std::string_view value;  // With its escapes.
};

// Walks structured data whose size structured_data_size() found.
class StructuredData {
 public:
  explicit StructuredData(std::string_view data) : rest_(data) {}
  std::optional<StructuredParam> next();

 private:
  std::string_view rest_;
  std::string_view id_;
};

// `\"`, `\\` and `\]` without their backslash; others keep it.
std::string_view unescape_param(std::string_view value, Arena& arena);

}  // namespace lynxdb::event
