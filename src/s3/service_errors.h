// What a refusal of the service means: whether to ask again, and what to tell a person.
#pragma once

#include <string_view>

#include "base/error.h"
#include "s3/address.h"
#include "s3/http.h"
#include "s3/xml.h"

namespace lynxdb::s3 {

enum class Advice {
  kAccept,            // An answer, good or bad, that asking again would not change.
  kRepeat,            // The service is busy or broke down.
  kRenewCredentials,  // These are not good any more.
  kAdjustClock,       // The signature is of another time.
};

// `code` is empty when the answer had no body, as to HEAD.
Advice advice_for(int status, std::string_view code);

// Of a status of 300 and above.
Error error_of_service(const HttpResponse& response, const ServiceError& error,
                       const Address& address);

}  // namespace lynxdb::s3
