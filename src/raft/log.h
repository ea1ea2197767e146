// A node's log: entries from the compacted part on, in memory, and how far each is on its way.
//
//   base < first ... applied <= min(commit, stable)   stable <= written <= last
//
// `written` were handed to the disk, `stable` are known to be on it. Truncation takes both back;
// nothing at or below `commit` is ever truncated.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "raft/types.h"

namespace lynxdb::raft {

class Log {
 public:
  // `entries` follow `base` without a gap and are on disk.
  Log(EntryId base, std::vector<Entry> entries);

  Index first_index() const { return base_.index + 1; }
  Index last_index() const { return base_.index + entries_.size(); }
  EntryId base() const { return base_; }
  EntryId last() const { return entries_.empty() ? base_ : entries_.back().id(); }
  Index commit() const { return commit_; }
  Index stable() const { return stable_; }
  Index written() const { return written_; }
  std::size_t entries_bytes() const { return bytes_; }

  // Nothing for what is compacted (but the base) and for what is not there yet.
  std::optional<Term> term_at(Index index) const;
  bool holds(EntryId id) const { return term_at(id.index) == id.term; }
  const Entry& at(Index index) const;
  // Section 3.6.1: a vote goes only to those who have all that may be committed.
  bool is_not_ahead_of(EntryId last) const;
  // The last entry at or before `from` whose term is at most `term`: where logs may still agree.
  EntryId last_not_newer(Index from, Term term) const;

  // At least one entry when there is one, then while the sum is at most `bytes_max`; up to `last`.
  std::vector<Entry> slice(Index first, Index last, std::size_t bytes_max) const;
  std::size_t bytes_between(Index first, Index last) const;

  void append(Entry entry);
  // Drops [index, ...). Not at or below commit.
  void truncate_from(Index index);
  // What is not yet handed to the disk; it counts as handed now.
  std::vector<Entry> take_unwritten();
  void set_stable(Index index);
  // Never goes back; not beyond the end.
  void commit_to(Index index);

  // Forgets entries up to `index`, which must be committed.
  void compact(Index index);
  // Forgets all: a snapshot up to `last` replaces them.
  void reset(EntryId last);

 private:
  EntryId base_;
  std::deque<Entry> entries_;
  Index commit_;
  Index written_;
  Index stable_;
  std::size_t bytes_ = 0;
};

}  // namespace lynxdb::raft
