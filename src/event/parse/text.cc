#include "event/parse/text.h"

#include <algorithm>

#include "base/ascii.h"
#include "event/parse/key_value.h"

namespace lynxdb::event {
namespace {

constexpr int kPairsMax = 256;
constexpr std::size_t kLevelSearchBytes = 128;
constexpr std::size_t kLevelBytesMax = 8;
constexpr std::array<std::string_view, 14> kLevels = {
    "TRACE", "DEBUG", "INFO", "NOTICE",   "WARN",  "WARNING", "ERROR",
    "ERR",   "FATAL", "CRIT", "CRITICAL", "ALERT", "EMERG",   "PANIC"};

bool is_word_char(char c) { return base::is_alpha(c) || base::is_digit(c) || c == '_'; }

bool is_extracted(std::string_view key) {
  return key[0] != '_' && key != "source" && key != "sourcetype" && key != "index";
}

std::optional<std::int64_t> time_of(ValueView value, const TimestampDefaults& defaults) {
  if (value.type() == Type::kInt) return timestamp_of_epoch(value.as_int());
  if (value.type() == Type::kFloat) return timestamp_of_epoch(value.as_float());
  if (value.type() == Type::kString) return parse_timestamp(value.as_string(), defaults);
  return std::nullopt;
}

// Upper-case form in `buffer`; empty when the word is too long to be a level.
std::string_view upper(std::string_view word, std::array<char, kLevelBytesMax>& buffer) {
  if (word.size() > buffer.size()) return {};
  for (std::size_t i = 0; i < word.size(); ++i) {
    buffer[i] = word[i] >= 'a' && word[i] <= 'z' ? static_cast<char>(word[i] & ~0x20) : word[i];
  }
  return {buffer.data(), word.size()};
}

bool is_bracketed(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin == 0 || end >= text.size()) return false;
  const char open = text[begin - 1];
  const char close = text[end];
  return (open == '[' && close == ']') || (open == '(' && close == ')') ||
         (open == '<' && close == '>');
}

}  // namespace

std::string_view find_level(std::string_view text) {
  const std::size_t limit = std::min(text.size(), kLevelSearchBytes);
  std::array<char, kLevelBytesMax> buffer{};
  for (std::size_t begin = 0; begin < limit;) {
    if (!is_word_char(text[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < text.size() && is_word_char(text[end])) ++end;
    const std::string_view word = text.substr(begin, end - begin);
    const std::string_view as_level = upper(word, buffer);
    const bool is_level = std::find(kLevels.begin(), kLevels.end(), as_level) != kLevels.end();
    if (is_level && (as_level == word || is_bracketed(text, begin, end))) return word;
    begin = end;
  }
  return {};
}

TextMeta add_key_values(BatchAssembler& assembler, std::string_view text,
                        const TimestampDefaults& defaults) {
  TextMeta meta;
  if (!assembler.wants_fields() && !assembler.wants_host() && !assembler.wants_time()) return meta;
  std::array<std::optional<std::int64_t>, kTimeRanks> times;
  KeyValueScanner pairs(text);
  Slot previous = BatchAssembler::kNoSlot;
  int count = 0;
  while (const std::optional<KeyValue> pair = pairs.next()) {
    if (++count > kPairsMax) break;
    if (!is_extracted(pair->key)) continue;
    const Slot slot = assembler.slot_after(previous, pair->key);
    if (slot == BatchAssembler::kNoSlot) continue;
    previous = slot;
    const NameRole& role = assembler.role(slot);
    if (role.is_idle()) continue;
    const ValueView value = typed_value(*pair, assembler.arena());
    if (role.time_rank != 0 && !times[role.time_rank - 1U]) {
      times[role.time_rank - 1U] = time_of(value, defaults);
    }
    if (role.host_rank == 1) {
      if (meta.host.data() == nullptr) {
        meta.host =
            value.type() == Type::kString && pair->has_escapes ? value.as_string() : pair->text;
      }
    } else {
      assembler.set_if_absent(slot, value);
    }
  }
  for (const std::optional<std::int64_t>& time : times) {
    if (!meta.time_ns) meta.time_ns = time;
  }
  return meta;
}

RowHead read_text(BatchAssembler& assembler, std::string_view line,
                  const TimestampDefaults& defaults) {
  assembler.begin_row();
  return add_text(assembler, line, defaults);
}

RowHead add_text(BatchAssembler& assembler, std::string_view line,
                 const TimestampDefaults& defaults) {
  const bool wants_level = assembler.is_field(kSlotLevel);
  std::optional<FoundTimestamp> found;
  if (assembler.wants_time() || wants_level) found = find_timestamp(line, defaults);
  const TextMeta meta = add_key_values(assembler, line, defaults);
  if (wants_level && !assembler.has(kSlotLevel)) {
    const std::string_view level = find_level(line.substr(found ? found->end : 0));
    if (!level.empty()) assembler.set(kSlotLevel, ValueView::string(level));
  }
  RowHead head;
  head.raw = line;
  head.sourcetype = "text";
  head.host = meta.host;
  head.time_ns = found ? found->ns : meta.time_ns.value_or(defaults.receipt_ns);
  return head;
}

RowHead read_raw(BatchAssembler& assembler, std::string_view line,
                 const TimestampDefaults& defaults) {
  assembler.begin_row();
  RowHead head;
  head.raw = line;
  head.sourcetype = "text";
  head.time_ns = defaults.receipt_ns;
  if (assembler.wants_time()) {
    if (const auto found = find_timestamp(line, defaults)) head.time_ns = found->ns;
  }
  return head;
}

}  // namespace lynxdb::event
