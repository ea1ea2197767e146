// Thousands of small worlds, each from one seed: whatever the network, the disks, the clocks and
// the operators do, the group keeps its promises (checker.h), and works again soon after they stop.
//
//   raft_simulation_test --seed=N [--trace]             one world, step by step
//   raft_simulation_test --seeds=N [--first-seed=M]     as many as there is time for
//   LYNXDB_RAFT_SEEDS=N raft_simulation_test            the tests with another number of seeds
#include <gtest/gtest.h>

#include <unistd.h>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include "base/mutex.h"
#include "raft/simulation/world.h"

namespace lynxdb::raft::simulation {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LYNXDB_RAFT_SANITIZED 1
#endif
#endif
#ifdef LYNXDB_RAFT_SANITIZED
constexpr std::uint64_t kSeedsDefault = 600;
#else
constexpr std::uint64_t kSeedsDefault = 8000;
#endif

// For the line that a broken check of the core leaves behind.
thread_local std::uint64_t current_seed = 0;

void print_seed_and_die(int /*signal*/) {
  char text[64] = "seed ";
  const auto [end, error] = std::to_chars(text + 5, text + sizeof(text) - 1, current_seed);
  *end = '\n';
  (void)!::write(STDERR_FILENO, text, static_cast<std::size_t>(end - text) + 1);
  std::signal(SIGABRT, SIG_DFL);
  std::raise(SIGABRT);
}

struct Range {
  std::uint64_t first = 1;
  std::uint64_t count = kSeedsDefault;
};

struct Sum {
  base::Mutex mutex;
  Counts counts GUARDED_BY(mutex);
  std::uint64_t failures GUARDED_BY(mutex) = 0;
  std::uint64_t done GUARDED_BY(mutex) = 0;
};

void run_one(std::uint64_t seed, Sum& sum) {
  current_seed = seed;
  const Outcome outcome = run({.seed = seed});
  const base::MutexLock lock(sum.mutex);
  sum.counts.add(outcome.counts);
  if (++sum.done % 1000 == 0) {
    std::printf("%llu seeds done\n", static_cast<unsigned long long>(sum.done));
    std::fflush(stdout);
  }
  if (outcome.failure.empty()) return;
  ++sum.failures;
  ADD_FAILURE() << "seed " << seed << ": " << outcome.failure
                << "\n  replay: raft_simulation_test --seed=" << seed << " --trace";
}

// One world a thread; stops early when many fail.
Counts run_all(Range range) {
  Sum sum;
  std::atomic<std::uint64_t> next{range.first};
  const auto work = [&] {
    while (true) {
      const std::uint64_t seed = next.fetch_add(1);
      if (seed >= range.first + range.count) return;
      run_one(seed, sum);
      const base::MutexLock lock(sum.mutex);
      if (sum.failures >= 5) return;
    }
  };
  std::thread other(work);
  work();
  other.join();
  const base::MutexLock lock(sum.mutex);
  return sum.counts;
}

void print(const Counts& counts) {
  const auto line = [](const char* name, std::uint64_t count) {
    std::printf("  %-22s %llu\n", name, static_cast<unsigned long long>(count));
  };
  line("steps", counts.steps);
  line("committed", counts.committed);
  line("leaders", counts.leaders);
  line("crashes", counts.crashes);
  line("reads answered", counts.reads);
  line("  asked by lease", counts.lease_reads);
  line("snapshots taken", counts.compactions);
  line("snapshots installed", counts.installs);
  line("member changes", counts.changes);
  line("transfers", counts.transfers);
  line("proposals refused", counts.refusals);
  line("longest heal in ticks", counts.heal_ticks_max);
}

std::uint64_t seeds_wanted() {
  const char* text = std::getenv("LYNXDB_RAFT_SEEDS");
  return text == nullptr ? kSeedsDefault : std::strtoull(text, nullptr, 10);
}

TEST(RaftSimulation, KeepsEveryPromiseInEveryWorld) {
  const Counts counts = run_all({1, seeds_wanted()});
  print(counts);
  // A world in which nothing happens proves nothing.
  EXPECT_GT(counts.committed, 0U);
  EXPECT_GT(counts.crashes, 0U);
  EXPECT_GT(counts.lease_reads, 0U);
  EXPECT_GT(counts.installs, 0U);
  EXPECT_GT(counts.changes, 0U);
  EXPECT_GT(counts.transfers, 0U);
}

TEST(RaftSimulation, GivesTheSameRunForTheSameSeed) {
  const Outcome first = run({.seed = 7, .steps = 3000});
  const Outcome second = run({.seed = 7, .steps = 3000});
  EXPECT_EQ(first.counts.steps, second.counts.steps);
  EXPECT_EQ(first.counts.committed, second.counts.committed);
  EXPECT_EQ(first.counts.reads, second.counts.reads);
}

bool read_number(std::string_view argument, std::string_view name, std::uint64_t& value) {
  if (!argument.starts_with(name)) return false;
  argument.remove_prefix(name.size());
  std::from_chars(argument.data(), argument.data() + argument.size(), value);
  return true;
}

int run_seed(std::uint64_t seed, bool trace) {
  current_seed = seed;
  const Outcome outcome = run({.seed = seed, .trace = trace});
  print(outcome.counts);
  std::printf("%s\n", outcome.failure.empty() ? "no failure" : outcome.failure.c_str());
  return outcome.failure.empty() ? 0 : 1;
}

}  // namespace
}  // namespace lynxdb::raft::simulation

int main(int argc, char** argv) {
  using namespace lynxdb::raft::simulation;
  testing::InitGoogleTest(&argc, argv);
  std::signal(SIGABRT, print_seed_and_die);
  Range range;
  std::uint64_t seed = 0;
  bool trace = false;
  bool many = false;
  for (int i = 1; i < argc; ++i) {
    trace |= std::strcmp(argv[i], "--trace") == 0;
    many |= read_number(argv[i], "--seeds=", range.count);
    read_number(argv[i], "--first-seed=", range.first);
    read_number(argv[i], "--seed=", seed);
  }
  if (seed != 0) return run_seed(seed, trace);
  if (!many) return RUN_ALL_TESTS();
  print(run_all(range));
  return testing::Test::HasFailure() ? 1 : 0;
}
