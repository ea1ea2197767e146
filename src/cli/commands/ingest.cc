// lynxdb ingest: lines of files or of standard input to a server.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "base/units.h"
#include "cli/batch_sender.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/ingest_journal.h"
#include "cli/progress_line.h"
#include "cli/query_watch.h"
#include "cli/server_failure.h"
#include "cli/server_target.h"
#include "event/parse/event_parser.h"
#include "output/number_text.h"

namespace lynxdb::cli {
namespace {

constexpr std::size_t kLinesMax = 5000;

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.value("--source", "LABEL", arguments.source,
              "_source of every event (else the file's path, or stdin)");
  flags.value("--sourcetype", "NAME", arguments.sourcetype,
              "input format (json, syslog, clf, raw) or a label for the events");
  flags.value("--index", "NAME", arguments.index, "index that stores the events (main)");
  flags.value("--host", "NAME", arguments.host, "host of every event");
  flags.value("--batch-size", "LINES", arguments.batch_size,
              "lines sent at once (5000, which is the most)");
  flags.value("--timeout", "DURATION", arguments.timeout,
              "how long a batch is tried while the server is busy or away (60s)");
}

Result<std::size_t> batch_lines(const Session& session) {
  if (!session.arguments.batch_size) return kLinesMax;
  const std::string& text = *session.arguments.batch_size;
  std::size_t lines = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lines);
  if (error == std::errc() && end == text.data() + text.size() && lines >= 1 && lines <= kLinesMax)
    return lines;
  return Error{ErrorCode::kInvalidArgument,
               "--batch-size is a number from 1 to 5000, not '" + text + "'"};
}

Result<std::chrono::milliseconds> retry_limit(const Session& session) {
  constexpr std::chrono::milliseconds kUsual{60'000};
  if (!session.arguments.timeout) return kUsual;
  auto limit = base::parse_duration_setting(*session.arguments.timeout);
  if (!limit.has_value()) return std::move(limit.error()).in("--timeout");
  return std::chrono::duration_cast<std::chrono::milliseconds>(*limit);
}

Result<> add_label(client::Headers& labels, const char* header, std::string_view flag,
                   const std::string& value) {
  const bool plain = std::ranges::all_of(
      value, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
  if (!plain || value.empty())
    return Error{ErrorCode::kInvalidArgument,
                 "'" + value + "' is no label: it is empty or holds control characters",
                 "name one with " + std::string(flag)};
  labels.emplace_back(header, value);
  return {};
}

Result<client::Headers> labels_of(const Session& session, const std::string& path) {
  const Arguments& arguments = session.arguments;
  client::Headers labels;
  const config::Settings::Value* usual = session.settings.find("default_source");
  const std::string source = arguments.source   ? *arguments.source
                             : usual != nullptr ? usual->text
                             : path == "-"      ? "stdin"
                                                : path;
  TRY(add_label(labels, "X-Source", "--source", source));
  if (arguments.sourcetype && *arguments.sourcetype != "auto")
    TRY(add_label(labels, "X-Source-Type", "--sourcetype", *arguments.sourcetype));
  if (arguments.index) TRY(add_label(labels, "X-Index", "--index", *arguments.index));
  if (arguments.host) TRY(add_label(labels, "X-Host", "--host", *arguments.host));
  return labels;
}

class InputFile {
 public:
  static Result<InputFile> open(const std::string& path) {
    if (path == "-") return InputFile(STDIN_FILENO);
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
      return Error{ErrorCode::kIo, "cannot read " + path + ": " + std::strerror(errno)};
    InputFile file(descriptor);
    struct stat status{};
    if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode))
      return Error{ErrorCode::kIo, "cannot read " + path + ": it is a directory"};
    if (S_ISREG(status.st_mode)) file.size_ = static_cast<std::uint64_t>(status.st_size);
    return file;
  }
  InputFile(InputFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, STDIN_FILENO)), size_(other.size_) {}
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile() {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }

  int descriptor() const { return descriptor_; }
  std::uint64_t size() const { return size_; }  // 0 when it is not known.

 private:
  explicit InputFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
  std::uint64_t size_ = 0;
};

// One run of the command.
class Ingest {
 public:
  Ingest(const Session& session, client::HttpClient::Options client, BatchSender::Options sender,
         std::size_t lines_max)
      : session_(session),
        console_(session.console),
        client_(std::move(client)),
        sender_(client_, std::move(sender)),
        lines_max_(lines_max) {}

  int run(const std::vector<std::string>& paths);

 private:
  QueryWatch::Options watch_options();
  Result<> send_file(const std::string& path);
  std::string run_key(const std::string& path) const;
  void count(const BatchSender::Outcome& outcome, const std::string& path);
  void count_too_long(const std::vector<std::uint64_t>& lines, const std::string& path);
  void show_refused(std::uint64_t line, const std::string& path, const std::string& why);
  int failure(const Error& error, bool interrupted);
  void report_position() const;
  void report_summary(std::size_t files) const;
  std::string progress_text(std::string_view time) const;

  const Session& session_;
  const Console& console_;
  client::HttpClient client_;
  BatchSender sender_;
  const std::size_t lines_max_;
  ProgressLine progress_;
  std::string path_;                  // Being sent...
  std::uint64_t committed_line_ = 0;  // ...of which this is the last line that is committed.
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> bytes_total_{0};
  std::uint64_t refused_ = 0;
  // What the server said of the events of each batch: "is older than ...", and how many are.
  std::map<std::string, std::uint64_t> hints_;
};

int Ingest::run(const std::vector<std::string>& paths) {
  std::optional<QueryWatch> watch(std::in_place, watch_options());
  // The batch under way gets its answer, so that we can say what is committed.
  watch->attach([this] { sender_.stop(); });
  if (session_.streams.error_is_terminal && !session_.arguments.quiet)
    progress_.show([this](std::string_view time) { return progress_text(time); });
  Result<> sent;
  for (const std::string& path : paths) {
    sent = send_file(path);
    if (!sent.has_value()) break;
  }
  progress_.stop();
  watch->detach();
  const bool interrupted = watch->interrupted();
  watch.reset();
  if (!sent.has_value()) return failure(sent.error(), interrupted);
  report_summary(paths.size());
  return refused_ == 0 ? kExitOk : kExitFailure;
}

QueryWatch::Options Ingest::watch_options() {
  QueryWatch::Options options;
  options.on_tick = [this] { progress_.draw(); };
  options.grace = std::chrono::seconds(5);
  options.before_exit = [this](bool /*interrupted*/) {
    progress_.stop();
    console_.error("interrupted");
    console_.note(output::counted(accepted_.load(), "event") +
                  " committed; the batch under way may be, too");
  };
  return options;
}

Result<> Ingest::send_file(const std::string& path) {
  path_ = path == "-" ? "standard input" : path;
  committed_line_ = 0;
  const InputFile file = TRY(InputFile::open(path));
  sender_.set_labels(TRY(labels_of(session_, path)));
  bytes_total_.fetch_add(file.size());
  IngestJournal journal = IngestJournal::open(file.descriptor(), run_key(path));
  sender_.set_batch_id([&journal](const LineBatch& batch) {
    return journal.batch_id(batch.numbers.front(), batch.body);
  });
  if (journal.resumes())
    console_.hint(path_ +
                  " was not sent to its end before: lines that are stored already are not "
                  "stored again");
  const std::uint64_t bytes_before = bytes_.load();
  LineBatches batches(file.descriptor(), path_, {.lines_max = lines_max_});
  while (const std::optional<LineBatch> batch = TRY(batches.next())) {
    const BatchSender::Outcome outcome = TRY(sender_.send(*batch));
    count(outcome, path_);
    count_too_long(batches.take_too_long(), path_);
    committed_line_ = batch->numbers.back();
    bytes_.store(bytes_before + batches.bytes_read());
  }
  count_too_long(batches.take_too_long(), path_);
  journal.complete();
  return {};
}

// What makes up requests beside the lines: a run that differs in it cannot go on with another.
std::string Ingest::run_key(const std::string& path) const {
  std::string key = session_.arguments.server.value_or("") + '\n' + std::to_string(lines_max_);
  if (const auto labels = labels_of(session_, path))
    for (const auto& [name, value] : *labels)
      key.append("\n").append(name).append(":").append(value);
  return key;
}

void Ingest::count(const BatchSender::Outcome& outcome, const std::string& path) {
  accepted_.fetch_add(outcome.accepted);
  for (const std::string& hint : outcome.hints) {
    const std::size_t digits = std::min(hint.find_first_not_of("0123456789"), hint.size());
    std::uint64_t events = 0;
    std::from_chars(hint.data(), hint.data() + digits, events);
    hints_[hint.substr(digits)] += events;
  }
  for (const BatchSender::RefusedLine& line : outcome.lines)
    show_refused(line.number, path, line.message);
  refused_ += outcome.refused - std::min<std::uint64_t>(outcome.refused, outcome.lines.size());
}

void Ingest::count_too_long(const std::vector<std::uint64_t>& lines, const std::string& path) {
  for (const std::uint64_t line : lines)
    show_refused(line, path, "the line is too long to be sent");
}

void Ingest::show_refused(std::uint64_t line, const std::string& path, const std::string& why) {
  constexpr std::uint64_t kShownMax = 10;
  if (++refused_ > kShownMax) return;
  progress_.clear();
  console_.error(path + ":" + std::to_string(line) + ": " + why);
}

int Ingest::failure(const Error& error, bool interrupted) {
  int code = kExitInterrupted;
  if (interrupted)
    console_.error("interrupted");
  else if (sender_.refusal())
    code = report_refusal(console_, *sender_.refusal());
  else
    code = report_failure(console_, error);
  // A line's own mistake is the server's to call one of the query; here it is only a failure.
  if (code == kExitQuery) code = kExitFailure;
  report_position();
  return code;
}

void Ingest::report_position() const {
  if (path_.empty()) return;
  const std::string line = std::to_string(committed_line_);
  console_.print(committed_line_ == 0 ? "no line of " + path_ + " is known to be committed"
                                      : "last committed line: " + line + " of " + path_);
  if (path_ != "standard input")
    console_.hint(
        "to go on, run the same command again within a day: lines that are stored already are not "
        "stored again");
}

void Ingest::report_summary(std::size_t files) const {
  const auto elapsed = std::chrono::steady_clock::now() - session_.started;
  const std::uint64_t accepted = accepted_.load();
  const double seconds = std::max(std::chrono::duration<double>(elapsed).count(), 1e-3);
  std::string text =
      "Ingested " + output::counted(accepted, "event") + " | " + output::counted(files, "file") +
      " | " + output::duration_text(elapsed) + " | " +
      output::counted(static_cast<std::uint64_t>(static_cast<double>(accepted) / seconds),
                      "event") +
      "/s";
  if (sender_.retries() > 0) text += " | " + output::counted(sender_.retries(), "repeated request");
  if (refused_ > 0) console_.error(output::counted(refused_, "line") + " refused");
  if (!session_.arguments.no_stats) console_.note(text);
  for (const auto& [hint, events] : hints_)
    console_.hint((events > 0 ? std::to_string(events) : "") + hint);
  if (accepted == 0 && refused_ == 0) console_.hint("there was nothing to ingest");
}

std::string Ingest::progress_text(std::string_view time) const {
  std::string text = "ingested " + output::counted(accepted_.load(), "event");
  const std::uint64_t total = bytes_total_.load();
  constexpr std::uint64_t kWidth = 20;
  if (total > 0) {
    const std::uint64_t done = std::min(bytes_.load(), total) * kWidth / total;
    text += " [" + std::string(done, '#') + std::string(kWidth - done, '.') + "]";
  }
  return text + " | " + std::string(time);
}

int run(const Session& session) {
  std::vector<std::string> paths = session.arguments.positionals;
  if (paths.empty()) {
    if (session.streams.input != InputKind::kData)
      return wrong_arguments(session, kIngestCommand,
                             "no file given, and nothing on standard input");
    paths = {"-"};
  }
  if (std::ranges::count(paths, "-") > 1)
    return wrong_arguments(session, kIngestCommand, "standard input can be read only once");
  const auto start = [&]() -> Result<int> {
    BatchSender::Options sender;
    sender.retry_max = TRY(retry_limit(session));
    const std::size_t lines = TRY(batch_lines(session));
    // All files are there and all labels fit before the first line goes out.
    for (const std::string& path : paths) {
      TRY(labels_of(session, path));
      TRY(InputFile::open(path));
    }
    return Ingest(session, TRY(client_options(session)), std::move(sender), lines).run(paths);
  };
  const Result<int> code = start();
  return code.has_value() ? *code : report_failure(session.console, code.error());
}

}  // namespace

const Command kIngestCommand = {
    "ingest",      "i", "[FILE...]", "send lines of files or standard input to a server",
    declare_flags, run, true};

}  // namespace lynxdb::cli
