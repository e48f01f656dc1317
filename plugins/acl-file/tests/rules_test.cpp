#include "rules.h"

using namespace patchbay::acl_file;

TEST_CASE("the first rule that applies decides") {
  const auto rules = rules_from(
      "# comment\n"
      "deny  user mallory\n"
      "allow user ann publish sensors/+/temperature\n"
      "\n"
      "deny  all publish sensors/#\n"
      "allow all publish \"#\"\r\n");
  CHECK(line_of(*rules, publish("sensors/1/temperature")) == 3);
  CHECK(line_of(*rules, publish("sensors/1/humidity")) == -5);
  CHECK(line_of(*rules, publish("other")) == 6);
  CHECK(line_of(*rules, publish("other", "mallory")) == -2);
  CHECK(line_of(*rules, subscribe("other")) == 0);
  CHECK(line_of(*rules, publish("$SYS/x")) == 0);
}

TEST_CASE("an empty file has no opinion") {
  CHECK(line_of(*rules_from(""), publish("a")) == 0);
  CHECK(rules_from("\n  \n# only\n")->rules().empty());
}

TEST_CASE("a rule without topics is about all of them") {
  const auto rules = rules_from("allow client admin\ndeny all\n");
  CHECK(line_of(*rules, publish("$SYS/x", "u", "admin")) == 1);
  CHECK(line_of(*rules, subscribe("#", "u", "admin")) == 1);
  CHECK(line_of(*rules, subscribe("#")) == -2);
}

TEST_CASE("who: client, address, listener, certificate, attribute, expressions, several at once") {
  const auto rules = rules_from(
      "allow client c1 publish a\n"
      "allow client ~ ^dev-[0-9]+$ publish b\n"
      "allow address 10.0.0.0/8,2001:db8::/32 publish c\n"
      "allow address 192.168.1.7 publish d\n"
      "allow listener ssl:default publish e\n"
      "allow common_name gate.example publish f\n"
      "allow attribute site berlin publish g\n"
      "allow attribute site ~ ^b publish h\n"
      "allow user ~ ^a and address 10.0.0.0/8 publish i\n"
      "allow user \"two words\" publish j\n"
      "allow anonymous publish k\n");
  CHECK(line_of(*rules, publish("a")) == 1);
  CHECK(line_of(*rules, publish("a", "ann", "c2")) == 0);
  CHECK(line_of(*rules, publish("b", "ann", "dev-17")) == 2);
  CHECK(line_of(*rules, publish("b", "ann", "dev-17x")) == 0);
  CHECK(line_of(*rules, publish("c")) == 3);
  CHECK(line_of(*rules, publish("d")) == 0);
  Question question = publish("d");
  question.address = *patchbay::support::parse_address("192.168.1.7");
  CHECK(line_of(*rules, question) == 4);
  question = publish("c");
  question.address = *patchbay::support::parse_address("2001:db8::17");
  CHECK(line_of(*rules, question) == 3);
  question.address = *patchbay::support::parse_address("2001:db9::17");
  CHECK(line_of(*rules, question) == 0);
  question = publish("e");
  question.listener = "ssl:default";
  CHECK(line_of(*rules, question) == 5);
  CHECK(line_of(*rules, publish("f")) == 0);
  question = publish("f");
  question.common_name = "gate.example";
  CHECK(line_of(*rules, question) == 6);
  CHECK(line_of(*rules, publish("g")) == 0);
  question = publish("g");
  question.attribute = [](const void*, std::string_view name) {
    return name == "site" ? std::string_view("berlin") : std::string_view();
  };
  CHECK(line_of(*rules, question) == 7);
  question.topic = "h";
  CHECK(line_of(*rules, question) == 8);
  CHECK(line_of(*rules, publish("i")) == 9);
  CHECK(line_of(*rules, publish("i", "bob")) == 0);
  CHECK(line_of(*rules, publish("j", "two words")) == 10);
  CHECK(line_of(*rules, publish("k", "")) == 11);
  CHECK(line_of(*rules, publish("k")) == 0);
}

TEST_CASE("QoS and retain are part of what is asked") {
  const auto rules = rules_from(
      "allow all publish qos=0,1 retain=false a\n"
      "allow all subscribe qos=0 a/#\n"
      "allow all publish retain=true b\n");
  const auto with = [](Question question, uint8_t qos, bool retain) {
    question.qos = qos;
    question.retain = retain;
    return question;
  };
  CHECK(line_of(*rules, with(publish("a"), 1, false)) == 1);
  CHECK(line_of(*rules, with(publish("a"), 2, false)) == 0);
  CHECK(line_of(*rules, with(publish("a"), 1, true)) == 0);
  CHECK(line_of(*rules, with(subscribe("a/b"), 0, false)) == 2);
  CHECK(line_of(*rules, with(subscribe("a/b"), 1, false)) == 0);
  CHECK(line_of(*rules, with(publish("b"), 0, true)) == 3);
  CHECK(line_of(*rules, with(publish("b"), 0, false)) == 0);
}

TEST_CASE("a subscription must be contained in what is allowed") {
  const auto rules = rules_from("allow all subscribe home/+/light garden/#\n");
  for (const char* allowed : {"home/a/light", "home/+/light", "garden/#", "garden", "garden/+/x"}) {
    INFO(allowed);
    CHECK(line_of(*rules, subscribe(allowed)) == 1);
  }
  for (const char* wider : {"#", "home/#", "+/+/light", "home/+/+", "+/#", "home/a/light/#", "$SYS/#"}) {
    INFO(wider);
    CHECK(line_of(*rules, subscribe(wider)) == 0);
  }
}

TEST_CASE("a denial is about every subscription that would show some of it") {
  const auto rules = rules_from("deny all subscribe secret/#\nallow all subscribe #\n");
  for (const char* denied : {"#", "+/a", "secret", "secret/x", "secret/#", "+/#"}) {
    INFO(denied);
    CHECK(line_of(*rules, subscribe(denied)) == -1);
  }
  CHECK(line_of(*rules, subscribe("open/#")) == 2);
}

TEST_CASE("eq is letter by letter") {
  const auto rules = rules_from("deny all subscribe eq # eq +/#\nallow all subscribe \"#\"\n");
  CHECK(line_of(*rules, subscribe("#")) == -1);
  CHECK(line_of(*rules, subscribe("+/#")) == -1);
  CHECK(line_of(*rules, subscribe("a/#")) == 2);
  CHECK(line_of(*rules, subscribe("+/a")) == 2);
  const auto named = rules_from("allow all publish eq dev/${clientid}\n");
  CHECK(line_of(*named, publish("dev/${clientid}")) == 1);
  CHECK(line_of(*named, publish("dev/c1")) == 0);
}

TEST_CASE("placeholders stand for the client's own values, and let nothing else in") {
  const auto rules = rules_from(
      "deny all publish log/${username}/secret\n"
      "allow all all dev/${clientid}/# home/${username}/+ at/${peerhost} on/${listener}\n"
      "allow all publish log/#\n");
  CHECK(line_of(*rules, publish("dev/c1/up")) == 2);
  CHECK(line_of(*rules, publish("dev/c2/up")) == 0);
  CHECK(line_of(*rules, subscribe("dev/c1/#")) == 2);
  CHECK(line_of(*rules, subscribe("dev/#")) == 0);
  CHECK(line_of(*rules, publish("home/ann/x")) == 2);
  CHECK(line_of(*rules, publish("at/10.1.2.3")) == 2);
  CHECK(line_of(*rules, publish("on/tcp:default")) == 2);
  CHECK(line_of(*rules, publish("log/ann/secret")) == -1);
  CHECK(line_of(*rules, publish("log/bob/secret")) == 3);
  for (const char* bad : {"+", "#", "a/b", "c1/#"}) {
    INFO(bad);
    CHECK(line_of(*rules, publish("dev/c1/up", "ann", bad)) == 0);
    CHECK(line_of(*rules, subscribe("dev/c1/up", "ann", bad)) == 0);
    CHECK(line_of(*rules, subscribe("dev/#", "ann", bad)) == 0);
    CHECK(line_of(*rules, publish("home/ann/x", bad)) == 0);
    // A denial that can't be filled in denies all that it could have meant.
    CHECK(line_of(*rules, publish("log/ann/secret", bad)) == -1);
  }
}

TEST_CASE("a name that nobody vouched for opens nothing, but can be shut out") {
  const auto rules = rules_from("deny user mallory\nallow user ann\nallow all publish home/${username}\n");
  Question question = publish("x", "", "c1");
  question.claimed_user = "ann";
  CHECK(line_of(*rules, question) == 0);
  question.topic = "home/ann";
  CHECK(line_of(*rules, question) == 0);
  question.claimed_user = "mallory";
  CHECK(line_of(*rules, question) == -1);
  question.user = "ann";  // logged in as ann, and claims to be mallory besides
  CHECK(line_of(*rules, question) == -1);
}

TEST_CASE("rules of one user among many are found in their order") {
  std::string text;
  for (int number = 0; number < 2000; ++number) {
    const std::string name = std::to_string(number);
    text += "allow user u" + name + " publish own/" + name + "\n";
    text += "allow client k" + name + " publish c/#\n";
  }
  text += "deny user u7 publish own/7\ndeny all publish own/#\nallow all\n";
  const auto rules = rules_from(text);
  CHECK(line_of(*rules, publish("own/7", "u7")) == 15);
  CHECK(line_of(*rules, publish("own/8", "u7")) == -4002);
  CHECK(line_of(*rules, publish("c/1", "u7", "k1999")) == 4000);
  CHECK(line_of(*rules, publish("c/1", "u7", "k2000")) == 4003);
}

TEST_CASE("mistakes are named with their lines") {
  const std::pair<const char*, const char*> mistakes[] = {
      {"permit all", "begins with allow or deny"},
      {"allow", "who?"},
      {"allow everybody", "found everybody"},
      {"allow user", "a value should be"},
      {"allow user ann read a", "found read"},
      {"allow user ann publish", "a topic should be"},
      {"allow all publish a/#/b", "not a topic filter"},
      {"allow all publish ${password}/a", "no such placeholder"},
      {"allow all publish qos=3 a", "qos="},
      {"allow all publish qos= a", "qos="},
      {"allow all publish qos=1, a", "qos="},
      {"allow all publish retain=maybe a", "retain="},
      {"allow all subscribe retain=true a", "retain="},
      {"allow address 10.0.0.0/33", "not an address"},
      {"allow address 10.0.0.1,", "not an address"},
      {"allow client ~ ( publish a", "not a regular expression"},
      {"allow user \"ann", "quotation mark"},
      {"allow user \"ann\"x", "quotation mark"},
      {"allow all publish eq", "a topic should be"},
  };
  for (const auto& [line, what] : mistakes) {
    const ParsedRules parsed = parse_rules("allow all\n" + std::string(line) + "\n", Format::patchbay);
    INFO(line);
    REQUIRE(parsed.problems.size() == 1);
    INFO(parsed.problems[0]);
    CHECK(parsed.problems[0].starts_with("line 2: "));
    CHECK(parsed.problems[0].find(what) != std::string::npos);
  }
  std::string many;
  for (int line = 0; line < 100; ++line) many += "nonsense\n";
  CHECK(parse_rules(many, Format::patchbay).problems.size() == kMaximumProblems);
}
