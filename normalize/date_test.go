package normalize

import (
	"testing"
	"time"

	"copydesk"
)

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		// As the standards have it.
		"2026-03-01T12:30:45Z":            "2026-03-01T12:30:45Z",
		"2026-03-01T12:30:45.678+05:30":   "2026-03-01T07:00:45Z",
		"2026-03-01":                      "2026-03-01T00:00:00Z",
		"2026-03":                         "2026-03-01T00:00:00Z",
		"2026-060":                        "2026-03-01T00:00:00Z",
		"20260301T123045Z":                "2026-03-01T12:30:45Z",
		"Sun, 01 Mar 2026 12:30:45 GMT":   "2026-03-01T12:30:45Z",
		"Sun, 01 Mar 2026 12:30:45 +0100": "2026-03-01T11:30:45Z",
		"1 Mar 26 12:30 UT":               "2026-03-01T12:30:00Z",
		"Sun Mar  1 12:30:45 2026":        "2026-03-01T12:30:45Z",
		"Sun Mar  1 12:30:45 EST 2026":    "2026-03-01T17:30:45Z",
		// Zones by name.
		"Sun, 01 Mar 2026 12:30:45 EST":                                      "2026-03-01T17:30:45Z",
		"Sun, 01 Mar 2026 12:30:45 PDT":                                      "2026-03-01T19:30:45Z",
		"Sun, 01 Mar 2026 12:30:45 IST":                                      "2026-03-01T07:00:45Z",
		"Sun, 01 Mar 2026 12:30:45 CEST":                                     "2026-03-01T10:30:45Z",
		"Sun, 01 Mar 2026 12:30:45 JST":                                      "2026-03-01T03:30:45Z",
		"Sun Mar 01 2026 12:30:45 GMT+0100 (Central European Standard Time)": "2026-03-01T11:30:45Z",
		// The liberties that publishers take.
		"01 Mar 26 1230 GMT":                 "2026-03-01T12:30:00Z",
		"Sun, 01 Mar 2026 1230 +0100":        "2026-03-01T11:30:00Z",
		"Sun, 1 Mar 2026 24:00:00 GMT":       "2026-03-02T00:00:00Z",
		"Sunday, March 1, 2026 - 3:09pm":     "2026-03-01T15:09:00Z",
		"March 1st, 2026 3 PM":               "2026-03-01T15:00:00Z",
		"Mar. 1, 2026, 12:05 a.m.":           "2026-03-01T00:05:00Z",
		"2026-03-01 12:30:45":                "2026-03-01T12:30:45Z",
		"2026/3/1 12:30":                     "2026-03-01T12:30:00Z",
		"01.03.2026 12:30":                   "2026-03-01T12:30:00Z",
		"12:30 01.03.2026":                   "2026-03-01T12:30:00Z",
		"25/02/2026":                         "2026-02-25T00:00:00Z",
		"02/25/2026":                         "2026-02-25T00:00:00Z",
		"So, 01 Mär 2026 12:30:45 +0100":     "2026-03-01T11:30:45Z",
		"dim., 01 févr. 2026 12:30:45 +0000": "2026-02-01T12:30:45Z",
		"mar., 03 mars 2026 12:30:45 +0000":  "2026-03-03T12:30:45Z",
		"dom, 01 ene 2026 12:30:45 +0000":    "2026-01-01T12:30:45Z",
		"Вс, 01 мар 2026 12:30:45 +0300":     "2026-03-01T09:30:45Z",
		"1772368245":                         "2026-03-01T12:30:45Z",
		"1772368245000":                      "2026-03-01T12:30:45Z",
		"\n Sun, 01 Mar 2026 12:30:45 GMT ":  "2026-03-01T12:30:45Z",
		// What is no date is none.
		"":                              "",
		"yesterday":                     "",
		"Sun, 30 Feb 2026 12:30:45 GMT": "",
		"2026-02-29":                    "",
		"2026-13-01":                    "",
		"2026-03-01T25:00:00Z":          "",
		"2026-03-01T12:61:00Z":          "",
		"2026-03-01T12:30:45-99:99":     "",
		"Sun, 01 Foo 2026 12:30:45 GMT": "",
		"0001-01-01T00:00:00Z":          "",
		"9999-12-31T23:59:59Z":          "",
		"0":                             "",
		"12:30":                         "",
		"Sun, 01 Mar 2026 12:30:45 QQQ": "",
	} {
		got := moment(parseDate(in))
		if got != want {
			t.Errorf("parseDate(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"Sun, 01 Mar 2026 12:30:45 GMT", "2026-03-01T12:30:45.678+05:30", "25/02/2026", "Nov. 16, 2020, 10:57 a.m.", "1772368245"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := parseDate(s)
		if got.IsZero() {
			return
		}
		if got.Location() != time.UTC || got.Year() < 1969 || got.Year() > 2101 {
			t.Errorf("parseDate(%q) = %v", s, got)
		}
		if again := parseDate(got.Format(time.RFC3339)); got.Year() >= 1970 && got.Year() <= 2100 && !again.Equal(got.Truncate(time.Second)) {
			t.Errorf("parseDate(%q) = %v, written and read %v", s, got, again)
		}
	})
}

func TestDatesThatCannotBeReadAreCounted(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		want int
	}{
		"rss": {`<rss version="2.0"><channel><title>T</title>
<item><title>a</title><pubDate>gestern</pubDate></item>
<item><title>b</title><pubDate>31 February</pubDate><dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">2024-05-06</dc:date></item>
<item><title>c</title><pubDate> </pubDate></item>
<item><title>d</title></item></channel></rss>`, 1},
		"atom": {`<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>
<entry><title>a</title><id>a</id><updated>soon</updated></entry>
<entry><title>b</title><id>b</id><updated>2024-05-06T00:00:00Z</updated></entry>
<entry><title>c</title><id>c</id><updated>2024-05-06T00:00:00Z</updated><published>once</published></entry>
<entry><title>d</title><id>d</id><updated>then</updated><published>once</published></entry></feed>`, 3},
		"json": {`{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"a","content_text":"a","date_published":"tomorrow"},{"id":"b","content_text":"b"}]}`, 1},
	} {
		feed, err := Parse(copydesk.Document{Body: []byte(tt.body)})
		if err != nil || feed.Undated != tt.want {
			t.Errorf("%s: %d, want %d, %v", name, feed.Undated, tt.want, err)
		}
	}
}
