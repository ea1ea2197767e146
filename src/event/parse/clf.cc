#include "event/parse/clf.h"

#include <algorithm>

#include "base/text_search.h"
#include "event/parse/key_value.h"
#include "event/parse/text.h"

namespace lynxdb::event {
namespace {

struct Quoted {
  std::string_view text;  // Null data(): not there.
  bool has_escapes = false;
};

struct ClfLine {
  std::string_view client_ip;
  std::string_view ident;
  std::string_view user;
  std::int64_t time_ns = 0;
  Quoted request;
  std::string_view status;
  std::string_view bytes;
  Quoted referer;
  Quoted user_agent;
  std::string_view rest;
};

// Takes a line apart from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }
  bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip(std::size_t bytes) { rest_.remove_prefix(bytes); }
  void skip_spaces() {
    while (take(' ')) {
    }
  }

  // Up to the next space; empty when there is none.
  std::string_view word() {
    const std::size_t space = rest_.find(' ');
    const std::string_view out = rest_.substr(0, space);
    rest_.remove_prefix(out.size());
    return out;
  }

  bool quoted(Quoted& out) {
    if (rest_.empty() || rest_.front() != '"') return false;
    std::size_t i = base::find_json_special(rest_, 1);
    while (i < rest_.size()) {
      if (rest_[i] == '"') {
        out.text = rest_.substr(1, i - 1);
        rest_.remove_prefix(i + 1);
        return true;
      }
      // A backslash takes the next byte with it; control characters are text like any other.
      const bool is_escape = rest_[i] == '\\';
      out.has_escapes = out.has_escapes || is_escape;
      i = base::find_json_special(rest_, std::min(i + (is_escape ? 2 : 1), rest_.size()));
    }
    return false;
  }

 private:
  std::string_view rest_;
};

bool is_number_or_dash(std::string_view text) {
  if (text == "-") return true;
  if (text.empty() || text.size() > 18) return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

bool scan_head(Scanner& in, const TimestampDefaults& defaults, ClfLine& line) {
  line.client_ip = in.word();
  if (line.client_ip.empty() || !in.take(' ')) return false;
  line.ident = in.word();
  if (line.ident.empty() || !in.take(' ')) return false;
  line.user = in.word();
  if (line.user.empty() || !in.take(' ') || !in.take('[')) return false;
  const std::optional<FoundTimestamp> time = clf_timestamp_at(in.rest(), defaults);
  if (!time) return false;
  line.time_ns = time->ns;
  in.skip(time->end);
  return in.take(']') && in.take(' ');
}

bool scan_line(std::string_view text, const TimestampDefaults& defaults, ClfLine& line) {
  // The bracket is near the start of every such line, and missing from most others.
  if (text.substr(0, 512).find(" [") == std::string_view::npos) return false;
  Scanner in(text);
  if (!scan_head(in, defaults, line)) return false;
  if (!in.quoted(line.request) || !in.take(' ')) return false;
  line.status = in.word();
  if (!is_number_or_dash(line.status) || !in.take(' ')) return false;
  line.bytes = in.word();
  if (!is_number_or_dash(line.bytes)) return false;

  Scanner combined = in;
  combined.skip_spaces();
  if (combined.quoted(line.referer)) {
    combined.skip_spaces();
    if (combined.quoted(line.user_agent)) {
      line.rest = combined.rest();
      return true;
    }
  }
  line.referer = {};
  line.user_agent = {};
  line.rest = in.rest();
  return true;
}

void set_text(BatchAssembler& assembler, Slot slot, std::string_view text) {
  if (text.empty() || text == "-" || !assembler.is_field(slot)) return;
  assembler.set(slot, ValueView::string(text));
}

void set_quoted(BatchAssembler& assembler, Slot slot, const Quoted& quoted) {
  if (!assembler.is_field(slot)) return;
  set_text(assembler, slot,
           quoted.has_escapes ? unescape_quoted(quoted.text, assembler.arena()) : quoted.text);
}

void set_int(BatchAssembler& assembler, Slot slot, std::string_view digits) {
  if (digits == "-" || !assembler.is_field(slot)) return;
  std::int64_t value = 0;  // At most 18 digits.
  for (const char c : digits) value = value * 10 + (c - '0');
  assembler.set(slot, ValueView::integer(value));
}

// Three words are method, uri and protocol; anything else stays whole.
void set_request(BatchAssembler& assembler, const Quoted& quoted) {
  const std::string_view request = quoted.text;
  const std::size_t first = request.find(' ');
  const std::size_t last = request.rfind(' ');
  const bool three = first != std::string_view::npos && first > 0 && last > first + 1 &&
                     last + 1 < request.size() && request.find(' ', first + 1) == last;
  if (!three) return set_quoted(assembler, kSlotRequest, quoted);
  set_quoted(assembler, kSlotMethod, {request.substr(0, first), quoted.has_escapes});
  set_quoted(assembler, kSlotUri,
             {request.substr(first + 1, last - first - 1), quoted.has_escapes});
  set_quoted(assembler, kSlotProtocol, {request.substr(last + 1), quoted.has_escapes});
}

}  // namespace

std::optional<RowHead> read_clf(BatchAssembler& assembler, std::string_view text,
                                const TimestampDefaults& defaults) {
  ClfLine line;
  if (!scan_line(text, defaults, line)) return std::nullopt;
  assembler.begin_row();
  set_text(assembler, kSlotClientIp, line.client_ip);
  set_text(assembler, kSlotIdent, line.ident);
  set_text(assembler, kSlotUser, line.user);
  set_request(assembler, line.request);
  set_int(assembler, kSlotStatus, line.status);
  set_int(assembler, kSlotBytes, line.bytes);
  set_quoted(assembler, kSlotReferer, line.referer);
  set_quoted(assembler, kSlotUserAgent, line.user_agent);

  RowHead head;
  head.raw = text;
  head.time_ns = line.time_ns;
  head.sourcetype = "clf";
  if (!line.rest.empty()) head.host = add_key_values(assembler, line.rest, defaults).host;
  return head;
}

}  // namespace lynxdb::event
