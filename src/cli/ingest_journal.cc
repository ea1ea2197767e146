#include "cli/ingest_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/hash.h"
#include "base/random_id.h"

namespace lynxdb::cli {
namespace {

namespace fs = std::filesystem;

// As long as a server remembers batch ids (ingest.dedup_window).
constexpr std::chrono::hours kRemembered{24};
constexpr std::size_t kRunDigits = 32;

// "" when there is no home.
std::string journal_directory() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state != '\0') return std::string(state) + "/lynxdb/ingest";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return "";
  return std::string(home) + "/.local/state/lynxdb/ingest";
}

// What is left of runs that nobody went on with.
void remove_old(const std::string& directory) {
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, failed)) {
    const auto written = entry.last_write_time(failed);
    if (!failed && fs::file_time_type::clock::now() - written > kRemembered)
      fs::remove(entry.path(), failed);
  }
}

}  // namespace

IngestJournal::IngestJournal() : run_(base::random_id()) {}

IngestJournal::IngestJournal(IngestJournal&& other) noexcept
    : run_(std::move(other.run_)),
      path_(std::exchange(other.path_, "")),
      descriptor_(std::exchange(other.descriptor_, -1)),
      resumes_(other.resumes_) {}

IngestJournal::~IngestJournal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

IngestJournal IngestJournal::open(int descriptor, std::string_view how) {
  IngestJournal journal;
  struct stat file{};
  const std::string directory = journal_directory();
  if (::fstat(descriptor, &file) != 0 || !S_ISREG(file.st_mode) || directory.empty())
    return journal;
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (failed) return journal;
  remove_old(directory);
  // Not by its path: a log that is renamed meanwhile is the same file.
  const std::string what = fmt::format("{}:{}:{}", file.st_dev, file.st_ino, how);
  journal.path_ = fmt::format("{}/{:016x}", directory, base::xxh3(what));
  journal.descriptor_ = ::open(journal.path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (journal.descriptor_ < 0 || ::flock(journal.descriptor_, LOCK_EX | LOCK_NB) != 0 ||
      !journal.read_or_write())
    journal.path_.clear();
  return journal;
}

bool IngestJournal::read_or_write() {
  std::array<char, kRunDigits> run{};
  if (::pread(descriptor_, run.data(), run.size(), 0) == static_cast<ssize_t>(run.size())) {
    run_.assign(run.data(), run.size());
    resumes_ = true;
    return true;
  }
  return ::pwrite(descriptor_, run_.data(), run_.size(), 0) == static_cast<ssize_t>(run_.size());
}

// The lines themselves are in it: a file that was changed meanwhile has other batches.
std::string IngestJournal::batch_id(std::uint64_t line, std::string_view body) const {
  return fmt::format("cli-{}-{}-{:016x}", run_, line, base::xxh3(body));
}

void IngestJournal::complete() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove(path_, ignored);
  path_.clear();
}

}  // namespace lynxdb::cli
