// What a source of lines promises: all events of all inputs, in order by sequence number without
// gaps, whatever the number of workers and wherever the input is cut; problems are told once, at
// the end.
#include "query/sources/line_source.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "query/sources/temporary_file.h"
#include "query/spill.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LineSources : public ::testing::Test {
 protected:
  SourcePtr open(std::vector<std::string> paths, const ScanRequest& request = {},
                 event::ParserOptions parser = {}) {
    auto source =
        open_lines({.paths = std::move(paths), .parser = std::move(parser)}, request, execution_);
    EXPECT_TRUE(source);
    return *source;
  }

  // All batches in the order of their numbers, pulled by `workers` threads.
  std::vector<event::EventBatch> pull(Source& source, std::size_t workers) {
    base::Mutex mutex;
    std::map<std::uint64_t, event::EventBatch> batches;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < workers; ++i) {
      threads.emplace_back([&] {
        while (true) {
          auto batch = source.next();
          ASSERT_TRUE(batch) << batch.error().message;
          if (!*batch) return;
          base::MutexLock lock(mutex);
          EXPECT_TRUE(batches.emplace((*batch)->sequence(), **batch).second);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::vector<event::EventBatch> in_order;
    std::uint64_t expected = 0;
    for (auto& [sequence, batch] : batches) {
      EXPECT_EQ(sequence, expected);
      expected = batch.next_sequence();
      in_order.push_back(std::move(batch));
    }
    return in_order;
  }

  std::vector<std::string> column(const std::vector<event::EventBatch>& batches,
                                  std::string_view name) {
    std::vector<std::string> values;
    for (const event::EventBatch& batch : batches) {
      const event::ColumnPtr* found = batch.find(name);
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        values.push_back(found == nullptr ? "" : event::text((*found)->view(row)));
      }
    }
    return values;
  }

  SpillSpace spill_{"", 0};
  Execution execution_{1U << 30U, spill_};
};

TEST_F(LineSources, GiveAllLinesInOrderToAnyNumberOfWorkers) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 40'000; ++i) {
    expected.push_back("{\"n\":" + std::to_string(i) + ",\"pad\":\"" +
                       std::string(static_cast<std::size_t>(i) % 90, 'x') + "\"}");
    text += expected.back() + "\n";
  }
  const TemporaryFile file(text);
  for (const std::size_t workers : {1U, 2U, 5U}) {
    execution_.threads = workers;
    const SourcePtr source = open({file.path()});
    EXPECT_EQ(column(pull(*source, workers), "_raw"), expected);
    EXPECT_EQ(source->progress().events, expected.size());
    EXPECT_EQ(source->progress().bytes, text.size());
    EXPECT_EQ(source->progress().bytes_total, text.size());
  }
}

// Columns are dense: lines that share no field give small batches, and no field is lost.
TEST_F(LineSources, CutChunksOfManyFieldNamesIntoBatches) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 20'000; ++i) {
    expected.push_back("{\"f" + std::to_string(i) + "\":1}");
    text += expected.back() + "\n";
  }
  const TemporaryFile file(text);
  for (const std::size_t workers : {1U, 3U}) {
    execution_.threads = workers;
    const auto batches = pull(*open({file.path()}), workers);
    EXPECT_EQ(column(batches, "_raw"), expected);
    std::size_t row = 0;
    for (const event::EventBatch& batch : batches) {
      EXPECT_LT(batch.rows() * batch.field_count(), 600'000U);
      for (std::size_t i = 0; i < batch.rows(); ++i, ++row) {
        const event::ColumnPtr* field = batch.find("f" + std::to_string(row));
        ASSERT_TRUE(field != nullptr);
        EXPECT_EQ((*field)->view(i).as_int(), 1);
      }
    }
    EXPECT_THAT(execution_.hints.list(), IsEmpty());
  }
}

TEST_F(LineSources, ReadInputsOneAfterTheOtherAndNameThem) {
  const TemporaryFile first("a\nb");
  const TemporaryFile empty("");
  const TemporaryFile second("c\n");
  const auto batches = pull(*open({first.path(), empty.path(), second.path()}), 3);
  EXPECT_THAT(column(batches, "_raw"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(column(batches, "_source"), ElementsAre(first.path(), first.path(), second.path()));
}

TEST_F(LineSources, CountWithoutParsing) {
  ScanRequest count_only;
  count_only.all_fields = false;
  const TemporaryFile file("{\"a\":1}\n\n  \nplain\n{broken\nlast");
  const SourcePtr source = open({file.path()}, count_only);
  std::size_t rows = 0;
  for (const auto& batch : pull(*source, 2)) rows += batch.rows();
  EXPECT_EQ(rows, 4U);
  EXPECT_EQ(source->progress().events, 4U);
}

TEST_F(LineSources, BeginWithASmallBatchWhenFewRowsAreWanted) {
  std::string text;
  ScanRequest few_rows;
  few_rows.rows_wanted = 10;
  for (int i = 0; i < 100'000; ++i) text += "line " + std::to_string(i) + "\n";
  const TemporaryFile file(text);
  const SourcePtr source = open({file.path()}, few_rows);
  const auto batch = source->next();
  ASSERT_TRUE(batch && *batch);
  EXPECT_GE((*batch)->rows(), 10U);
  EXPECT_LT((*batch)->rows(), 5'000U);
}

TEST_F(LineSources, CutLinesThatAreTooLongAndTellAboutThem) {
  const TemporaryFile file("a\n" + std::string(10U << 20U, 'x') + "\nb\n");
  event::ParserOptions parser;
  parser.line_bytes_max = 1000;
  const auto batches = pull(*open({file.path()}, {}, parser), 2);
  const auto raws = column(batches, "_raw");
  EXPECT_THAT(raws, ElementsAre("a", std::string(1000, 'x'), "b"));
  EXPECT_THAT(execution_.hints.list(), ElementsAre(HasSubstr("1 line longer than 1000 bytes")));
}

TEST_F(LineSources, TellHowManyLinesCouldNotBeRead) {
  const TemporaryFile file("{\"a\":1}\nno json\n{\"a\":2}\n{\n");
  event::ParserOptions parser;
  parser.format = event::Format::kJson;
  EXPECT_THAT(column(pull(*open({file.path()}, {}, parser), 2), "a"), ElementsAre("1", "2"));
  EXPECT_THAT(execution_.hints.list(), ElementsAre(HasSubstr("2 lines could not be read")));
}

TEST_F(LineSources, ReadCompressedFilesAmongPlainOnes) {
  const TemporaryFile plain("a\n");
  const TemporaryFile packed("");
  gzFile out = gzopen(packed.path().c_str(), "wb");
  gzputs(out, "b\nc\n");
  gzclose(out);
  EXPECT_THAT(column(pull(*open({plain.path(), packed.path(), plain.path()}), 2), "_raw"),
              ElementsAre("a", "b", "c", "a"));
}

TEST_F(LineSources, ShowTheLinesOfAPipeBeforeItEnds) {
  const std::string path = "/tmp/lynxdb_test_pipe_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int writer = ::open(path.c_str(), O_RDWR);
  const SourcePtr source = open({path});
  ASSERT_EQ(::write(writer, "a\nb", 3), 3);
  auto batch = source->next();
  ASSERT_TRUE(batch && *batch);
  EXPECT_THAT(column({**batch}, "_raw"), ElementsAre("a"));
  execution_.cancellation.cancel();
  EXPECT_FALSE(source->next());
  ::close(writer);
  ::unlink(path.c_str());
}

TEST(ExpandInputs, SortsTheMatchesOfAGlobAndKeepsOtherPathsInOrder) {
  std::string directory = "/tmp/lynxdb_test_XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::vector<std::string> names = {"b.log", "a.log", "c.txt", "B.log"};
  for (const std::string& name : names)
    ::close(::open((directory + "/" + name).c_str(), O_CREAT | O_WRONLY, 0600));
  ASSERT_EQ(::mkdir((directory + "/d.log").c_str(), 0700), 0);

  const auto paths = expand_inputs({directory + "/c.txt", directory + "/*.log", "-"});
  ASSERT_TRUE(paths);
  EXPECT_THAT(*paths, ElementsAre(directory + "/c.txt", directory + "/B.log", directory + "/a.log",
                                  directory + "/b.log", "-"));
  EXPECT_EQ(expand_inputs({directory + "/*.none"}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(expand_inputs({directory + "/none"}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(expand_inputs({directory}).error().code, ErrorCode::kIo);

  for (const std::string& name : names) ::unlink((directory + "/" + name).c_str());
  ::rmdir((directory + "/d.log").c_str());
  ::rmdir(directory.c_str());
}

}  // namespace
}  // namespace lynxdb::query
