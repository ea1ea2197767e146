// Remembers, while a file is being sent, the name of the run that sends it. Batch ids are made of
// it, so a run that was cut short, even by kill -9, goes on under the ids it had: what was
// committed is recognised by the server and not stored twice. A run that came to its end is
// forgotten: sending the file again stores it again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lynxdb::cli {

// Belongs to one thread. Where nothing can be remembered (standard input, no home, another process
// sends the same file), the run has a name that nobody else has, and nothing more.
class IngestJournal {
 public:
  // Of the file behind `descriptor`. `how`: what else makes up the requests (server, labels, batch
  // size); a run that differs in it is another one.
  static IngestJournal open(int descriptor, std::string_view how);
  IngestJournal(IngestJournal&& other) noexcept;
  IngestJournal& operator=(IngestJournal&&) = delete;
  ~IngestJournal();

  // Of the lines that begin with number `line` of the file.
  std::string batch_id(std::uint64_t line, std::string_view body) const;
  // The run goes on where an earlier process was cut short.
  bool resumes() const { return resumes_; }
  // All lines are answered.
  void complete();

 private:
  IngestJournal();
  // False: it cannot be written.
  bool read_or_write();

  std::string run_;
  std::string path_;     // "" when nothing is remembered.
  int descriptor_ = -1;  // Locked while the run lasts.
  bool resumes_ = false;
};

}  // namespace lynxdb::cli
