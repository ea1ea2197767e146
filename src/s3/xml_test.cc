// What services say in XML is read, whatever else stands in it; what is no such answer is refused.
#include "s3/xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "s3/iso_time.h"

namespace lynxdb::s3 {
namespace {

using ::testing::ElementsAre;

// From S3's API reference, with encoded keys.
constexpr std::string_view kList =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>bucket</Name><Prefix/><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys>
  <EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>
  <Contents>
    <Key>my+image%2B1.jpg</Key>
    <LastModified>2009-10-12T17:50:30.000Z</LastModified>
    <ETag>"fba9dede5f27731c9771645a39863328"</ETag>
    <Size>434234</Size><StorageClass>STANDARD</StorageClass>
  </Contents>
  <Contents><Key>a%2Fb%26c</Key><LastModified>2020-01-01T00:00:00Z</LastModified><Size>0</Size></Contents>
</ListBucketResult>)";

TEST(ObjectList, IsReadWithItsEncodedKeys) {
  const auto page = parse_object_list(kList);
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_FALSE(page->more);
  EXPECT_THAT(page->objects,
              ElementsAre(io::ObjectInfo{"my image+1.jpg", 434'234, 1'255'369'830'000'000'000},
                          io::ObjectInfo{"a/b&c", 0, 1'577'836'800'000'000'000}));
}

TEST(ObjectList, IsReadWithPlainKeys) {
  const auto page = parse_object_list(
      "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a+b%20&amp;&#x1F600;</Key>"
      "<Size>7</Size><LastModified>2020-01-01T00:00:00Z</LastModified></Contents>"
      "</ListBucketResult>");
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->objects.at(0).key, "a+b%20&\xf0\x9f\x98\x80");
}

TEST(ObjectList, IsRefusedWhenAnythingIsMissing) {
  const auto list_of = [](std::string_view contents) {
    return parse_object_list("<ListBucketResult><EncodingType>url</EncodingType><Contents>" +
                             std::string(contents) + "</Contents></ListBucketResult>");
  };
  constexpr std::string_view kTime = "<LastModified>2020-01-01T00:00:00Z</LastModified>";
  EXPECT_TRUE(list_of(std::string("<Key>k</Key><Size>1</Size>") + std::string(kTime)));
  for (const std::string& contents :
       {std::string(), std::string("<Key>k</Key>") + std::string(kTime),
        std::string("<Key>k</Key><Size>-1</Size>") + std::string(kTime),
        std::string("<Key>k</Key><Size>1x</Size>") + std::string(kTime),
        std::string("<Key>k</Key><Size>99999999999999999999</Size>") + std::string(kTime),
        std::string("<Key>%4</Key><Size>1</Size>") + std::string(kTime),
        std::string("<Size>1</Size>") + std::string(kTime),
        std::string("<Key>k</Key><Size>1</Size><LastModified>yesterday</LastModified>")}) {
    EXPECT_FALSE(list_of(contents)) << contents;
  }
}

TEST(Xml, OfAnotherKindIsRefused) {
  for (const std::string_view text :
       {std::string_view(), std::string_view("<html/>"), std::string_view("{}"),
        kList.substr(0, 300), std::string_view("\xff\xfe<"), std::string_view("<ListBucketResult"),
        std::string_view("<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>")}) {
    EXPECT_FALSE(parse_object_list(text)) << text;
    EXPECT_FALSE(parse_upload_id(text)) << text;
    EXPECT_FALSE(parse_completed_upload(text)) << text;
    EXPECT_FALSE(parse_delete_result(text)) << text;
    EXPECT_FALSE(parse_assumed_role(text)) << text;
    EXPECT_EQ(parse_service_error(text).code, "") << text;
  }
}

TEST(Xml, MayBeDeepOrFullOfEntitiesWithoutHarm) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<Error>";
  EXPECT_EQ(parse_service_error(deep).code, "");
  std::string closed = deep;
  for (int i = 0; i < 100'000; ++i) closed += "</Error>";
  EXPECT_EQ(parse_service_error(closed).code, "");
  // Entities of its own are not expanded.
  EXPECT_EQ(
      parse_service_error("<!DOCTYPE e [<!ENTITY x \"boom\">]><Error><Code>&x;</Code></Error>")
          .code,
      "&x;");
}

TEST(CompletedUpload, GivesTheETagOrNothingForAnError) {
  EXPECT_EQ(**parse_completed_upload("<CompleteMultipartUploadResult><ETag>&quot;abc-2&quot;</ETag>"
                                     "</CompleteMultipartUploadResult>"),
            "abc-2");
  EXPECT_EQ(*parse_completed_upload("<Error><Code>InternalError</Code></Error>"), std::nullopt);
}

TEST(Requests, EscapeWhatIsSpecial) {
  const std::vector<std::string> keys = {"a&b", "<c>\"'"};
  EXPECT_EQ(delete_request(keys),
            "<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object>"
            "<Object><Key>&lt;c&gt;&quot;'</Key></Object></Delete>");
  const std::vector<std::string> etags = {"e1", "e2"};
  EXPECT_EQ(complete_request(etags),
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"e1\"</ETag></Part>"
            "<Part><PartNumber>2</PartNumber><ETag>\"e2\"</ETag></Part></CompleteMultipartUpload>");
}

TEST(IsoTime, IsReadStrictly) {
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:01Z"), 1'000'000'000);
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:01.5Z"), 1'500'000'000);
  EXPECT_EQ(parse_iso_time("2000-02-29T23:59:59.000000001Z"), 951'868'799'000'000'001);
  for (const char* text :
       {"", "Z", "1970-01-01T00:00:01", "1970-02-30T00:00:00Z", "1970-01-01T24:00:00Z",
        "1970-01-01 00:00:01Z", "1970-01-01T00:00:0-Z", "-970-01-01T00:00:01Z",
        "1970-01-01T00:00:01.Z", "1970-01-01T00:00:01.0000000001Z", "9999-01-01T00:00:01Z"}) {
    EXPECT_EQ(parse_iso_time(text), std::nullopt) << text;
  }
}

TEST(HttpTime, IsRead) {
  EXPECT_EQ(parse_http_time("Mon, 12 Oct 2009 17:50:30 GMT"), 1'255'369'830'000'000'000);
  EXPECT_EQ(parse_http_time("yesterday"), std::nullopt);
  EXPECT_EQ(parse_http_time(std::string(1'000, '1')), std::nullopt);
}

}  // namespace
}  // namespace lynxdb::s3
