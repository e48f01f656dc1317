#include <catch2/catch.hpp>

#include "exchange_table.h"
#include "scram_client.h"
#include "scram_server.h"

using namespace patchbay::auth_file;
using patchbay::support::base64;
using patchbay::support::from_base64;

namespace {

ScramCredential credential_of(ScramHash hash, const std::string& password, const std::string& salt,
                              uint32_t iterations) {
  const std::string salted = scram_hi(hash, password, salt, iterations);
  return {iterations, salt, scram_h(hash, scram_hmac(hash, salted, "Client Key")),
          scram_hmac(hash, salted, "Server Key")};
}

ScramExchange exchange_with(const std::string& client_first, bool known = true) {
  auto first = parse_client_first(client_first);
  REQUIRE(first.has_value());
  const auto credential =
      credential_of(ScramHash::sha256, "pencil", from_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096);
  return {ScramHash::sha256, *first, credential, known, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"};
}

// RFC 7677, section 3
constexpr const char* kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr const char* kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr const char* kClientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

}  // namespace

TEST_CASE("SCRAM: the example of RFC 7677") {
  ScramExchange exchange = exchange_with(kClientFirst);
  CHECK(exchange.user() == "user");
  CHECK(exchange.server_first() == kServerFirst);
  CHECK(exchange.judge(kClientFinal) == ScramExchange::Outcome::proven);
  CHECK(exchange.server_final() == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST_CASE("SCRAM: both hashes, with a client that computes for itself") {
  for (const ScramHash hash : {ScramHash::sha256, ScramHash::sha512}) {
    ScramClient client(hash, "ann", "secret");
    const auto credential = make_scram_credential(hash, "secret", 4096);
    REQUIRE(credential.has_value());
    ScramExchange exchange(hash, *parse_client_first(client.first()), *credential, true, make_scram_nonce());
    CHECK(exchange.judge(client.last(exchange.server_first())) == ScramExchange::Outcome::proven);
    CHECK(exchange.server_final() == client.expected());
    ScramClient wrong(hash, "ann", "Secret");
    ScramExchange again(hash, *parse_client_first(wrong.first()), *credential, true, make_scram_nonce());
    CHECK(again.judge(wrong.last(again.server_first())) == ScramExchange::Outcome::wrong);
    CHECK(again.server_final().empty());
  }
}

TEST_CASE("SCRAM: an unknown user is refused at the end, whatever the proof") {
  ScramExchange exchange = exchange_with(kClientFirst, false);
  CHECK(exchange.server_first() == kServerFirst);
  CHECK(exchange.judge(kClientFinal) == ScramExchange::Outcome::wrong);
}

TEST_CASE("SCRAM: an unknown user always has the same salt, and another than others") {
  const auto one = make_unknown_credential(ScramHash::sha512, "secret", "ann", 5000);
  CHECK(one.salt == make_unknown_credential(ScramHash::sha512, "secret", "ann", 5000).salt);
  CHECK(one.salt != make_unknown_credential(ScramHash::sha512, "secret", "bob", 5000).salt);
  CHECK(one.salt != make_unknown_credential(ScramHash::sha512, "other", "ann", 5000).salt);
  CHECK(one.salt.size() == make_scram_credential(ScramHash::sha512, "x", 4096)->salt.size());
  CHECK(one.iterations == 5000);
}

TEST_CASE("SCRAM: first messages that are malformed, or want what there isn't") {
  using namespace std::string_literals;
  for (const std::string& message :
       {""s, "n"s, "n,"s, "n,,"s, "n,,n=user"s, "n,,r=abc"s, "n,,n=,r=abc"s, "n,,n=user,r="s, "n,,n=user,r=a b"s,
        "p=tls-unique,,n=user,r=abc"s, "n,,m=ext,n=user,r=abc"s, "x,,n=user,r=abc"s, "n,a=other,n=user,r=abc"s,
        "n,b=user,n=user,r=abc"s, "n,,n=us=er,r=abc"s, "n,,n=us=2Xer,r=abc"s, "n,,n=us\0er,r=abc"s,
        "n,,n=user,r="s + std::string(5000, 'a')}) {
    INFO(message);
    CHECK_FALSE(parse_client_first(message).has_value());
  }
  CHECK(parse_client_first("y,,n=user,r=abc").has_value());
  CHECK(parse_client_first("n,a=user,n=user,r=abc").has_value());
  CHECK(parse_client_first("n,,n=a=2Cb=3Dc,r=abc")->user == "a,b=c");
  CHECK(parse_client_first("n,,n=user,r=abc,x=later").has_value());
}

TEST_CASE("SCRAM: last messages that don't belong to the first") {
  const std::string nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const std::string proof = ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  for (const std::string& message :
       {std::string(), std::string("c=biws"), "c=biws,r=" + nonce, "c=biws,r=rOprNGfwEbeRWgbNEkqO" + proof,
        "c=eSws,r=" + nonce + proof, "r=" + nonce + proof, "c=biws,r=" + nonce + ",p=", "c=biws,r=" + nonce + ",p=####",
        "c=biws,r=" + nonce + ",p=AAAA", "c=biws,r=" + nonce + "x" + proof, std::string(5000, 'c') + proof}) {
    ScramExchange exchange = exchange_with(kClientFirst);
    INFO(message);
    CHECK(exchange.judge(message) == ScramExchange::Outcome::malformed);
  }
  // A header that was changed on the way is one that doesn't match.
  ScramExchange exchange = exchange_with("y,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  CHECK(exchange.judge(kClientFinal) == ScramExchange::Outcome::malformed);
}

TEST_CASE("SCRAM: credentials as text") {
  const auto made = make_scram_credential(ScramHash::sha256, "secret", 4096);
  const std::string text = made->text(ScramHash::sha256);
  CHECK(text.starts_with("SCRAM-SHA-256$4096:"));
  const auto read = ScramCredential::parse(ScramHash::sha256, text);
  REQUIRE(read.has_value());
  CHECK(read->salt == made->salt);
  CHECK(read->stored_key == made->stored_key);
  CHECK(read->server_key == made->server_key);
  CHECK_FALSE(ScramCredential::parse(ScramHash::sha512, text).has_value());
  for (const std::string& wrong : {std::string(), text.substr(0, text.size() - 4), std::string("SCRAM-SHA-256$4096"),
                                   "SCRAM-SHA-256$0" + text.substr(18), "SCRAM-SHA-256$x" + text.substr(18),
                                   "SCRAM-SHA-256$99999999999" + text.substr(18)}) {
    INFO(wrong);
    CHECK_FALSE(ScramCredential::parse(ScramHash::sha256, wrong).has_value());
  }
  CHECK_FALSE(make_scram_credential(ScramHash::sha256, "secret", 4095).has_value());
}

TEST_CASE("SCRAM: exchanges are bounded in number and time, and end once") {
  ExchangeTable table;
  for (uint64_t id = 0; id < 1500; ++id) table.put(id, exchange_with(kClientFirst), 1000);
  CHECK(table.size() == ExchangeTable::kMaximumExchanges);
  CHECK_FALSE(table.take(0).has_value());
  CHECK(table.take(1499).has_value());
  CHECK_FALSE(table.take(1499).has_value());
  table.put(2000, exchange_with(kClientFirst), 1000 + ExchangeTable::kLifetime_ms);
  CHECK(table.size() == 1);
}
