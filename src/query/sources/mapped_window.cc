#include "query/sources/mapped_window.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>

#include "base/check.h"

namespace lynxdb::query {
namespace {

// Windows that are mapped now. The signal handler reads it, so it is fixed in size and takes no
// lock.
struct Slot {
  std::atomic<std::uintptr_t> begin{0};  // 0 = free; written last, cleared first.
  std::atomic<std::uintptr_t> end{0};
  std::atomic<std::atomic<bool>*> shrunk{nullptr};
  std::atomic<bool> taken{false};
};
constexpr std::size_t kSlots = 512;
std::array<Slot, kSlots> slots;
struct sigaction previous_action{};
std::size_t page_bytes = 0;

// Async-signal-safe: atomics and mmap, nothing else.
void on_bus_error(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Slot& slot : slots) {
    const std::uintptr_t begin = slot.begin.load(std::memory_order_acquire);
    if (begin == 0 || address < begin || address >= slot.end.load(std::memory_order_relaxed))
      continue;
    slot.shrunk.load(std::memory_order_relaxed)->store(true, std::memory_order_release);
    void* page = reinterpret_cast<void*>(
        address & ~(page_bytes - 1));  // NOLINT(performance-no-int-to-ptr): a fault's address.
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
  for (std::size_t i = 0; i < kSlots; ++i) {
    const std::size_t slot = (start + i) % kSlots;
    if (!slots[slot].taken.exchange(true, std::memory_order_acquire)) return slot;
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const MappedWindow> MappedWindow::map(const InputFile& file, std::uint64_t offset,
                                                      std::uint64_t end) {
  end = std::min(end, file.size_bytes());
  if (offset >= end || !install_handler()) return nullptr;
  const std::optional<std::size_t> slot = take_slot();
  if (!slot) return nullptr;

  const std::uint64_t begin = offset & ~static_cast<std::uint64_t>(page_bytes - 1);
  const std::size_t length = end - begin;
  void* address =
      ::mmap(nullptr, length, PROT_READ, MAP_SHARED, file.descriptor(), static_cast<off_t>(begin));
  if (address == MAP_FAILED) {
    slots[*slot].taken.store(false, std::memory_order_release);
    return nullptr;
  }
  const std::shared_ptr<MappedWindow> window(new MappedWindow());
  window->file_ = file.shared_from_this();
  window->address_ = address;
  window->length_ = length;
  window->slot_ = *slot;
  window->text_ = {static_cast<const char*>(address) + (offset - begin), end - offset};
  window->padding_bytes_ = (page_bytes - length % page_bytes) % page_bytes;

  Slot& entry = slots[*slot];
  const auto first = reinterpret_cast<std::uintptr_t>(address);
  entry.end.store(first + length + window->padding_bytes_, std::memory_order_relaxed);
  entry.shrunk.store(&file.shrunk_mark(), std::memory_order_relaxed);
  entry.begin.store(first, std::memory_order_release);
  return window;
}

MappedWindow::~MappedWindow() {
  slots[slot_].begin.store(0, std::memory_order_release);
  LYNXDB_CHECK(::munmap(address_, length_) == 0);
  slots[slot_].taken.store(false, std::memory_order_release);
}

}  // namespace lynxdb::query
