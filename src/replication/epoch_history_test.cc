// Where two logs part is found by their epochs alone.
#include "replication/epoch_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lynxdb::replication {
namespace {

using ::testing::ElementsAre;

EpochHistory history() { return EpochHistory({{1, 0}, {3, 10}, {4, 25}}); }

TEST(EpochHistory, AnEpochEndsWhereTheNextOneBegins) {
  EXPECT_EQ(history().end_of(3, 40), (EpochEnd{3, 25}));
  EXPECT_EQ(history().end_of(4, 40), (EpochEnd{4, 40}));
  EXPECT_EQ(history().end_of(9, 40), (EpochEnd{4, 40}));
}

TEST(EpochHistory, AnEpochThatIsNotThereEndsWithTheOneBefore) {
  EXPECT_EQ(history().end_of(2, 40), (EpochEnd{1, 10}));
  EXPECT_EQ(history().end_of(0, 40), EpochEnd{});
}

TEST(EpochHistory, AnEpochWithoutBatchesIsForgottenWhenTheNextBegins) {
  EpochHistory one = history();
  one.begin(6, 40);
  EXPECT_EQ(one.epoch_before(40), 4U);
  one.begin(5, 40);
  EXPECT_THAT(one.entries(), ElementsAre(EpochStart{1, 0}, EpochStart{3, 10}, EpochStart{4, 25},
                                         EpochStart{5, 40}));
}

TEST(EpochHistory, ATruncationForgetsWhatBeganBehindIt) {
  EpochHistory one = history();
  one.truncate(25);
  EXPECT_EQ(one.newest(), 3U);
}

TEST(EpochHistory, ATrimKeepsTheEpochOfTheLastBatchThatIsGone) {
  EpochHistory one = history();
  one.trim(25);
  EXPECT_THAT(one.entries(), ElementsAre(EpochStart{3, 10}, EpochStart{4, 25}));
  EXPECT_EQ(one.epoch_before(25), 3U);
  EXPECT_THAT(history().below(25), ElementsAre(EpochStart{3, 10}));
}

}  // namespace
}  // namespace lynxdb::replication
