// Random queries: valid text over the fields of event_generator.h.
#pragma once

#include <string>

#include "tests/oracle/random.h"

namespace lynxdb::oracle {

std::string generate_query(Random& random);

}  // namespace lynxdb::oracle
