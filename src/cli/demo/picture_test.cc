#include "cli/demo/picture.h"

#include <gtest/gtest.h>

namespace lynxdb::cli {
namespace {

constexpr std::string_view kStatus = R"({"data":{"status":"degraded","meta_leader":"b","nodes":[
  {"node_id":"b","http_address":"127.0.0.1:3101","state":"alive","partitions_led":2,
   "partitions_followed":1,"lag_events":7},
  {"node_id":"a","http_address":"127.0.0.1:3100","state":"fenced"}],
  "partitions":{"total":3,"leaderless":1,"under_replicated":2}}})";

TEST(DemoPicture, ShowsTheNodesByNameAndWhatIsWrong) {
  DemoPicture picture;
  picture.cluster = read_cluster_picture(kStatus);
  ASSERT_TRUE(picture.cluster);
  EXPECT_EQ(picture_text(picture, 100), R"(
Cluster: degraded, 2 nodes, 3 partitions, 1 without leader, 2 with too few copies
  node   state  leads  follows  lag  metadata         address
  a     fenced      0        0    0            127.0.0.1:3100
  b      alive      2        1    7     leads  127.0.0.1:3101

Ingest:  0 events/s, 0 acknowledged

)");
}

TEST(DemoPicture, SaysWhatIsMissingAndWhatIsTooMuch) {
  DemoPicture picture{.acknowledged = 1200, .retries = 2, .events_per_second = 200.4};
  picture.count = {.acknowledged = 1100, .found = 1100};
  const auto says = [&](std::string_view text) {
    EXPECT_NE(picture_text(picture, 120).find(text), std::string::npos)
        << picture_text(picture, 120);
  };
  says("Ingest:  200 events/s, 1,200 acknowledged, 2 sent again\n");
  says("Found:   1,100 of 1,100: no event is lost, none is there twice\n");
  picture.count->found = 90;
  says("Found:   90 of 1,100: 1,010 are MISSING\n");
  picture.count->found = 1101;
  picture.count->age = std::chrono::seconds(5);
  says("Found:   1,101 of 1,100: 1 are TOO MANY (5.00s ago)\n");
}

TEST(DemoPicture, CutsLinesToTheTerminal) {
  DemoPicture picture{.query = "source=nginx | stats count", .query_note = "asked n"};
  picture.answer = {.columns = {"status", "count"}, .rows = {{"200", "12"}, {"a long one", "3"}}};
  EXPECT_EQ(picture_text(picture, 14), R"(
Ingest:  0 eve

Query:   sourc
         asked
  status
  200
  a long one
)");
}

TEST(DemoPicture, ReadsCellsOfEveryType) {
  const auto table = read_table_picture(
      R"({"data":{"columns":["a","b"],"rows":[["x",0],[2.25,null],[true,"é"]]}})");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows,
            (std::vector<std::vector<std::string>>{{"x", "0"}, {"2.2", "null"}, {"true", "é"}}));
}

TEST(DemoPicture, OtherAnswersAreNone) {
  for (const std::string_view json :
       {"", "{", "[]", "{}", R"({"data":3})", R"({"data":{"rows":1}})",
        R"({"data":{"columns":["a"],"rows":[1]}})"}) {
    EXPECT_FALSE(read_cluster_picture(json)) << json;
    EXPECT_FALSE(read_table_picture(json)) << json;
  }
}

}  // namespace
}  // namespace lynxdb::cli
