#include "raft/log.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace lynxdb::raft {

Log::Log(EntryId base, std::vector<Entry> entries) : base_(base), commit_(base.index) {
  for (Entry& entry : entries) append(std::move(entry));
  written_ = stable_ = last_index();
}

std::optional<Term> Log::term_at(Index index) const {
  if (index == base_.index) return base_.term;
  if (index < base_.index || index > last_index()) return std::nullopt;
  return entries_[index - base_.index - 1].term;
}

const Entry& Log::at(Index index) const {
  LYNXDB_CHECK(index > base_.index && index <= last_index());
  return entries_[index - base_.index - 1];
}

bool Log::is_not_ahead_of(EntryId other) const {
  const EntryId own = last();
  return other.term > own.term || (other.term == own.term && other.index >= own.index);
}

EntryId Log::last_not_newer(Index from, Term term) const {
  Index index = std::min(from, last_index());
  while (index > base_.index && at(index).term > term) --index;
  if (index < base_.index) return {index, Term{}};
  return {index, *term_at(index)};
}

std::vector<Entry> Log::slice(Index first, Index last, std::size_t bytes_max) const {
  std::vector<Entry> entries;
  std::size_t bytes = 0;
  for (Index index = first; index <= last; ++index) {
    const Entry& entry = at(index);
    bytes += size_bytes(entry);
    if (bytes > bytes_max && !entries.empty()) break;
    entries.push_back(entry);
  }
  return entries;
}

std::size_t Log::bytes_between(Index first, Index last) const {
  std::size_t bytes = 0;
  for (Index index = first; index <= last; ++index) bytes += size_bytes(at(index));
  return bytes;
}

void Log::append(Entry entry) {
  LYNXDB_CHECK(entry.index == last_index() + 1);
  LYNXDB_CHECK(entry.term >= last().term);
  bytes_ += size_bytes(entry);
  entries_.push_back(std::move(entry));
}

void Log::truncate_from(Index index) {
  LYNXDB_CHECK(index > commit_);
  while (last_index() >= index) {
    bytes_ -= size_bytes(entries_.back());
    entries_.pop_back();
  }
  written_ = std::min(written_, index - 1);
  stable_ = std::min(stable_, index - 1);
}

std::vector<Entry> Log::take_unwritten() {
  std::vector<Entry> entries;
  if (written_ == last_index()) return entries;
  const auto first = entries_.begin() + static_cast<std::ptrdiff_t>(written_ - base_.index);
  entries.assign(first, entries_.end());
  written_ = last_index();
  return entries;
}

void Log::set_stable(Index index) {
  LYNXDB_CHECK(index <= written_);
  stable_ = std::max(stable_, index);
}

void Log::commit_to(Index index) {
  LYNXDB_CHECK(index <= last_index());
  commit_ = std::max(commit_, index);
}

void Log::compact(Index index) {
  if (index <= base_.index) return;
  LYNXDB_CHECK(index <= commit_ && index <= stable_);
  const Term term = *term_at(index);
  while (base_.index < index) {
    bytes_ -= size_bytes(entries_.front());
    entries_.pop_front();
    ++base_.index;
  }
  base_.term = term;
}

void Log::reset(EntryId last) {
  LYNXDB_CHECK(last.index >= commit_);
  entries_.clear();
  bytes_ = 0;
  base_ = last;
  commit_ = written_ = stable_ = last.index;
}

}  // namespace lynxdb::raft
