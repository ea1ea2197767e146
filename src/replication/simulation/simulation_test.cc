// Hundreds of small clusters, each from one seed: whatever the network, the disks, the clocks, the
// object store and the operators do, no acknowledged event is lost, doubled or unseen (checker.h),
// and everything works again soon after they stop.
//
//   replication_simulation_test --seed=N [--trace]             one world, step by step
//   replication_simulation_test --seeds=N [--first-seed=M]     as many as there is time for
//   LYNXDB_REPLICATION_SEEDS=N replication_simulation_test            the tests with another number
//   of seeds
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
#include "replication/simulation/world.h"

namespace lynxdb::replication::simulation {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LYNXDB_REPLICATION_SANITIZED 1
#endif
#endif
#ifdef LYNXDB_REPLICATION_SANITIZED
constexpr std::uint64_t kSeedsDefault = 30;
#else
constexpr std::uint64_t kSeedsDefault = 500;
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
  if (++sum.done % 500 == 0) {
    std::printf("%llu seeds done\n", static_cast<unsigned long long>(sum.done));
    std::fflush(stdout);
  }
  if (outcome.failure.empty()) return;
  ++sum.failures;
  std::string tail;
  for (const std::string& line : outcome.tail) tail += "\n  " + line;
  ADD_FAILURE() << "seed " << seed << ": " << outcome.failure << tail
                << "\n  replay: replication_simulation_test --seed=" << seed << " --trace";
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
  line("batches acknowledged", counts.acked);
  line("  found by their id", counts.retried_acks);
  line("leaderships", counts.leaderships);
  line("changes of an ISR", counts.isr_changes);
  line("crashes", counts.crashes);
  line("disks lost", counts.wipes);
  line("truncations", counts.truncations);
  line("resets", counts.resets);
  line("flushes", counts.flushes);
  line("strict reads", counts.reads);
  line("  refused in the end", counts.refused_reads);
  line("  stale views", counts.stale_views);
  line("leaders moved", counts.moves);
  line("copies moved", counts.assignments);
  line("registered anew", counts.registered_anew);
  line("longest heal in ms", static_cast<std::uint64_t>(counts.heal_ms_max));
}

std::uint64_t seeds_wanted() {
  const char* text = std::getenv("LYNXDB_REPLICATION_SEEDS");
  return text == nullptr ? kSeedsDefault : std::strtoull(text, nullptr, 10);
}

TEST(ReplicationSimulation, KeepsEveryPromiseInEveryWorld) {
  const Counts counts = run_all({1, seeds_wanted()});
  print(counts);
  // A world in which nothing happens proves nothing.
  EXPECT_GT(counts.acked, 0U);
  EXPECT_GT(counts.retried_acks, 0U);
  EXPECT_GT(counts.wipes, 0U);
  EXPECT_GT(counts.truncations, 0U);
  EXPECT_GT(counts.resets, 0U);
  EXPECT_GT(counts.stale_views, 0U);
  EXPECT_GT(counts.assignments, 0U);
}

TEST(ReplicationSimulation, GivesTheSameRunForTheSameSeed) {
  const Outcome first = run({.seed = 7, .duration_ms = 20'000});
  const Outcome second = run({.seed = 7, .duration_ms = 20'000});
  EXPECT_EQ(first.counts.steps, second.counts.steps);
  EXPECT_EQ(first.counts.acked, second.counts.acked);
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
  if (!trace)
    for (const std::string& line : outcome.tail) std::printf("%s\n", line.c_str());
  print(outcome.counts);
  std::printf("%s\n", outcome.failure.empty() ? "no failure" : outcome.failure.c_str());
  return outcome.failure.empty() ? 0 : 1;
}

}  // namespace
}  // namespace lynxdb::replication::simulation

int main(int argc, char** argv) {
  using namespace lynxdb::replication::simulation;
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
