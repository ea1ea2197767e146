#include "io/mapped_region.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"

namespace lynxdb::io {
namespace {

// Regions that are mapped now. The signal handler reads it, so it is fixed in size and takes no
// lock.
struct RegionSlot {
  std::atomic<std::uintptr_t> begin{0};  // 0 = free; written last, cleared first.
  std::atomic<std::uintptr_t> end{0};
  std::atomic<std::atomic<bool>*> lost{nullptr};
  std::atomic<bool> taken{false};
};
std::array<RegionSlot, MappedRegion::kRegionsMax> region_slots;
struct sigaction previous_action{};
std::size_t page_bytes = 0;

// Async-signal-safe: atomics and mmap, nothing else.
void on_bus_error(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (RegionSlot& slot : region_slots) {
    const std::uintptr_t begin = slot.begin.load(std::memory_order_acquire);
    if (begin == 0 || address < begin || address >= slot.end.load(std::memory_order_relaxed))
      continue;
    slot.lost.load(std::memory_order_relaxed)->store(true, std::memory_order_release);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a fault's address.
    void* page = reinterpret_cast<void*>(address & ~(page_bytes - 1));
    if (::mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
        MAP_FAILED)
      return;
  }
  // Not ours: whoever was here before us handles the fault when it comes again.
  ::sigaction(SIGBUS, &previous_action, nullptr);
}

bool install_handler() {
  static const bool installed = [] {
    page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    struct sigaction action{};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    return ::sigaction(SIGBUS, &action, &previous_action) == 0;
  }();
  return installed;
}

std::optional<std::size_t> take_slot() {
  static std::atomic<std::size_t> hint{0};
  const std::size_t start = hint.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < region_slots.size(); ++i) {
    const std::size_t slot = (start + i) % region_slots.size();
    if (!region_slots[slot].taken.exchange(true, std::memory_order_acquire)) return slot;
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const MappedRegion> MappedRegion::map(int descriptor, std::uint64_t begin,
                                                      std::uint64_t end,
                                                      std::shared_ptr<std::atomic<bool>> lost) {
  if (begin >= end || !install_handler()) return nullptr;
  const std::optional<std::size_t> slot = take_slot();
  if (!slot) return nullptr;
  const std::size_t length = end - begin;
  void* address =
      ::mmap(nullptr, length, PROT_READ, MAP_SHARED, descriptor, static_cast<off_t>(begin));
  if (address == MAP_FAILED) {
    region_slots[*slot].taken.store(false, std::memory_order_release);
    return nullptr;
  }
  const std::shared_ptr<MappedRegion> region(new MappedRegion());
  region->lost_ = std::move(lost);
  region->address_ = address;
  region->length_ = length;
  region->slot_ = *slot;

  RegionSlot& entry = region_slots[*slot];
  const auto first = reinterpret_cast<std::uintptr_t>(address);
  entry.end.store(first + length + region->padding_bytes(), std::memory_order_relaxed);
  entry.lost.store(region->lost_.get(), std::memory_order_relaxed);
  entry.begin.store(first, std::memory_order_release);
  return region;
}

std::shared_ptr<const MappedRegion> MappedRegion::map_file(
    const std::string& path, std::shared_ptr<std::atomic<bool>> lost) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return nullptr;
  struct stat status{};
  std::shared_ptr<const MappedRegion> region;
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
    region = map(descriptor, 0, static_cast<std::uint64_t>(status.st_size), std::move(lost));
  ::close(descriptor);  // The mapping holds the file.
  return region;
}

MappedRegion::~MappedRegion() {
  region_slots[slot_].begin.store(0, std::memory_order_release);
  LYNXDB_CHECK(::munmap(address_, length_) == 0);
  region_slots[slot_].taken.store(false, std::memory_order_release);
}

std::size_t MappedRegion::padding_bytes() const {
  return (page_bytes - length_ % page_bytes) % page_bytes;
}

namespace {

// `advice` for the pages of a part; that it may be refused does not matter.
void advise(void* region, std::size_t offset, std::size_t size, int advice) {
  const std::size_t begin = offset & ~(page_bytes - 1);
  (void)::madvise(static_cast<char*>(region) + begin, offset + size - begin, advice);
}

}  // namespace

void MappedRegion::expect(std::size_t offset, std::size_t size) const {
  LYNXDB_DCHECK(offset <= length_ && size <= length_ - offset);
  advise(address_, offset, size, MADV_WILLNEED);
}

// MADV_DONTNEED of a shared mapping of a file only takes the pages out of the page table: a thread
// that reads them meanwhile faults them in again.
void MappedRegion::let_go(std::size_t offset, std::size_t size) const {
  LYNXDB_DCHECK(offset <= length_ && size <= length_ - offset);
  advise(address_, offset, size, MADV_DONTNEED);
}

}  // namespace lynxdb::io
