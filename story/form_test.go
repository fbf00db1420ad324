package story_test

import (
	"fmt"
	"testing"

	"copydesk"
)

// form is a text that is published again and again with other facts.
type form struct {
	name, language, title, text string
	facts                       [][]any // what title and text take, an entry each
}

// forms are of as many kinds and languages as we could think of, long and short.
var forms = []form{
	{"weather", "en", "Severe thunderstorm warning for %[1]s County until %[2]s p.m.",
		"The National Weather Service has issued a severe thunderstorm warning for %[1]s County until %[2]s p.m. Locations impacted include %[3]s. Hazards include sixty mile per hour wind gusts and quarter size hail. Expect hail damage to vehicles and wind damage to roofs, siding and trees. For your protection move to an interior room on the lowest floor of a building. Torrential rainfall may lead to flash flooding. Do not drive your vehicle through flooded roadways.",
		[][]any{{"Calloway", "6", "Murray, Hazel and Almo"}, {"Pembrook", "7:15", "Tillson, Greer and Oakton"}, {"Marsden", "6:30", "Lyle and Foss"}, {"Quill", "8", "Arno, Bexley, Dorrit and Nell"}}},
	{"quake", "en", "Magnitude %[1]s earthquake strikes %[2]s",
		"An earthquake of magnitude %[1]s struck %[2]s on %[3]s, the European Seismological Centre said. The quake was at a depth of %[4]s km and its epicentre was %[5]s km from %[6]s. There were no immediate reports of casualties or damage and no tsunami warning was issued. Earthquakes are common in the region, which lies on the so-called Ring of Fire, an arc of volcanoes and fault lines around the Pacific Ocean basin where tectonic plates meet.",
		[][]any{{"6.1", "Mindanao in the Philippines", "Thursday", "10", "48", "Davao"}, {"5.9", "the Kermadec Islands", "Saturday", "35", "212", "Raoul"}, {"6.0", "southern Sumatra in Indonesia", "Thursday", "20", "77", "Bengkulu"}}},
	{"market", "en", "Orlova shares close %[2]s as %[4]s stocks move",
		"Shares on the Orlova Stock Exchange closed %[2]s on %[1]s, as investors weighed central bank minutes. The benchmark OSX 40 index closed %[3]s percent. %[4]s stocks led the moves. Trading volume was in line with the thirty day average. The local currency was little changed against the dollar. Analysts said investors would look to the inflation data due next week for direction. The exchange operates from nine to five.",
		[][]any{{"Wednesday", "higher", "up 0.8", "Bank"}, {"Thursday", "lower", "down 1.2", "Mining"}, {"Friday", "higher", "up 0.3", "Energy"}}},
	{"earnings", "en", "%[1]s: %[2]s results",
		"%[1]s reported %[2]s revenue of $%[3]s billion and earnings of $%[4]s per share, compared with $%[5]s in the same period a year earlier. Analysts polled by FactSet had expected slightly less. The company maintained its outlook for the full year and said that it would continue to return cash to shareholders through dividends and buybacks. Shares were little changed in extended trading after the report was published.",
		[][]any{{"Zephyrine Systems", "first quarter", "1.2", "0.45", "0.40"}, {"Zephyrine Systems", "second quarter", "1.4", "0.52", "0.43"}, {"Quarrystone Holdings", "second quarter", "3.1", "1.02", "0.97"}}},
	{"obituary", "en", "%[1]s %[2]s, %[3]s, of %[4]s",
		"%[1]s %[2]s, %[3]s, of %[4]s, passed away peacefully at home on %[5]s surrounded by family. Born and raised in the area, %[1]s worked for many years as a %[6]s. Survivors include spouse %[7]s, children, grandchildren and many nieces and nephews. A celebration of life will be held at a later date. In lieu of flowers, memorial contributions may be made to the charity of your choice. Online condolences may be left for the family at the funeral home website. Arrangements are by the Harrow and Sons Funeral Home.",
		[][]any{{"Harriet", "Bellweather", "84", "Oakmere", "Monday", "teacher", "Joseph"}, {"Donald", "Pinkerton", "91", "Redfield", "Tuesday", "machinist", "Maud"}, {"Agnes", "Quillfeather", "77", "Marsden", "Sunday", "nurse", "Peter"}, {"Leopold", "Strand", "69", "Tillson", "Friday", "farmer", "Ida"}}},
	{"gold", "en", "Gold rate today in %[1]s: check latest price",
		"Gold price in %[1]s today: 24 carat gold costs Rs %[2]s per ten grams while 22 carat gold costs Rs %[3]s. Gold rates in %[1]s depend on international prices, import duty, taxes and fluctuations in exchange rates. Gold is considered an important investment option in India and is often bought during festivals and weddings. Check the latest rates with your local jeweller before you buy jewellery.",
		[][]any{{"Chennai", "60,130", "55,110"}, {"Lucknow", "59,870", "54,900"}, {"Kolkata", "60,020", "55,020"}}},
	{"court", "en", "%[1]s man jailed for %[5]s",
		"A %[1]s man who admitted %[5]s has been jailed for %[3]s months. %[2]s, %[4]s, of %[6]s, appeared before %[1]s Crown Court for sentencing on %[7]s. The judge told him that his behaviour had caused considerable distress to the victim and to the victim's family, and that only an immediate custodial sentence could be justified. He was also ordered to pay a victim surcharge. Police said afterwards that they hoped the sentence would encourage other people to come forward and report crimes of this kind.",
		[][]any{{"Kettleborough", "Dean Harrop", "18", "34", "Mill Lane", "burglary", "Tuesday"}, {"Redfield", "Colin Tavener", "27", "51", "Castle Street", "fraud", "Friday"}, {"Oakmere", "Lewis Brand", "9", "22", "Station Road", "assault", "Monday"}}},
	{"result", "en", "%[1]s %[3]s %[2]s: match report",
		"%[1]s beat %[2]s %[3]s at %[4]s on %[5]s in front of a crowd of %[6]s. %[7]s opened the scoring in the %[8]s minute before %[9]s added another after the break. The visitors had most of the ball without creating many chances and were left to rue a penalty appeal that the referee waved away. The win lifts the home side up the table with a game in hand, while the visitors have now gone a month without a point on the road. Both sides are in action again at the weekend.",
		[][]any{{"Larkspur Rovers", "Dunmore Athletic", "2-0", "Severn Park", "Tuesday", "11,204", "Velikov", "14th", "Okafor"}, {"Talvik United", "Korby Town", "3-1", "Mill Road", "Wednesday", "8,930", "Brekke", "37th", "Viel"}, {"Oslavia City", "Anselm Wanderers", "1-0", "The Quay", "Tuesday", "22,017", "Riedl", "61st", "Lindqvist"}}},
	{"accident", "de", "Unfall auf der A%[1]s bei %[2]s",
		"Bei einem Unfall auf der A%[1]s bei %[2]s ist am %[3]s ein %[4]s Jahre alter Mann aus %[5]s verletzt worden. Wie die Polizei mitteilte, kam er gegen %[6]s Uhr aus noch ungeklärter Ursache von der Fahrbahn ab und prallte gegen die Leitplanke. Der Fahrer wurde in ein Krankenhaus gebracht. Die Autobahn war in Richtung %[7]s für zwei Stunden gesperrt, es bildete sich ein langer Stau. Den Schaden schätzt die Polizei auf mehrere zehntausend Euro. Zeugen werden gebeten, sich bei der Autobahnpolizei zu melden.",
		[][]any{{"3", "Limburg", "Dienstag", "34", "Koblenz", "7.40", "Köln"}, {"9", "Ingolstadt", "Freitag", "58", "Passau", "16.15", "Nürnberg"}, {"7", "Fulda", "Sonntag", "41", "Kassel", "22.05", "Würzburg"}}},
	{"lottery", "es", "Lotería de %[1]s: números ganadores del %[2]s",
		"Estos son los números ganadores del sorteo de la lotería de %[1]s celebrado el %[2]s: %[3]s. El número complementario ha sido el %[4]s y el reintegro el %[5]s. El bote para el próximo sorteo asciende a %[6]s millones de euros. Los premios caducan a los tres meses, contados a partir del día siguiente a la celebración del sorteo, y se pueden cobrar en cualquier punto de venta o en las entidades financieras autorizadas. La lista oficial es la única válida a efectos de pago.",
		[][]any{{"Oslavia", "lunes 12", "4, 11, 23, 37, 41, 48", "9", "2", "12"}, {"Talvik", "jueves 15", "2, 17, 19, 28, 33, 45", "30", "7", "3,4"}, {"Korby", "sábado 17", "5, 8, 21, 36, 42, 44", "16", "1", "27"}}},
	{"quake", "zh", "%[1]s发生%[2]s级地震",
		"中国地震台网正式测定：%[3]s在%[1]s发生%[2]s级地震，震源深度%[4]s千米。地震发生后，当地多个村镇有明显震感。截至目前，暂未收到人员伤亡和房屋倒塌报告，交通、电力和通信正常。当地消防救援队伍已经派出人员赶赴震中了解情况，相关部门提醒群众注意防范余震，不要轻信和传播谣言。",
		[][]any{{"四川甘孜州泸定县", "5.1", "6月13日8时12分", "10"}, {"新疆喀什地区塔县", "4.3", "6月15日21时40分", "98"}, {"台湾花莲县海域", "5.6", "6月14日3时5分", "23"}}},
	{"quake", "ja", "%[1]sで震度%[2]s",
		"気象庁によると、%[3]sごろ、%[1]sで震度%[2]sの揺れを観測する地震があった。震源地は%[4]sで、震源の深さは約%[5]sキロ、地震の規模を示すマグニチュードは%[6]sと推定される。この地震による津波の心配はない。気象庁は、揺れの強かった地域では今後一週間ほど同じ程度の地震に注意するよう呼びかけている。けが人や建物の被害の情報は今のところ入っていない。",
		[][]any{{"石川県珠洲市", "5強", "13日午前8時12分", "能登半島沖", "10", "5.8"}, {"北海道浦河町", "4", "15日午後6時55分", "浦河沖", "140", "6.2"}, {"千葉県銚子市", "3", "14日午前3時27分", "千葉県東方沖", "50", "4.4"}}},
	{"weather", "ar", "تحذير من أمطار غزيرة في %[1]s",
		"أصدرت هيئة الأرصاد الجوية تحذيرا من هطول أمطار غزيرة على %[1]s يوم %[2]s مع رياح تصل سرعتها إلى %[3]s كيلومترا في الساعة ودرجات حرارة لا تتجاوز %[4]s درجة. وتشمل المناطق المتأثرة %[5]s. ودعت الهيئة المواطنين إلى توخي الحذر عند القيادة وتجنب مجاري الأودية والأماكن المنخفضة والابتعاد عن أعمدة الكهرباء ومتابعة النشرات الجوية التي تصدرها أولا بأول عبر موقعها الرسمي وحساباتها على مواقع التواصل.",
		[][]any{{"الخرطوم", "الثلاثاء", "60", "24", "أم درمان وبحري"}, {"عمان", "الجمعة", "45", "11", "الزرقاء والسلط ومادبا"}, {"مسقط", "الأحد", "75", "29", "صحار وصور"}}},
	{"gold", "hi", "%[1]s में आज सोने का भाव",
		"%[1]s में आज 24 कैरेट सोने का भाव %[2]s रुपये प्रति दस ग्राम रहा जबकि 22 कैरेट सोना %[3]s रुपये पर बिका। एक किलो चांदी की कीमत %[4]s रुपये रही। सोने के दाम अंतरराष्ट्रीय बाजार, आयात शुल्क, कर और मुद्रा की विनिमय दर पर निर्भर करते हैं। भारत में शादी और त्योहारों के समय सोने की मांग बढ़ जाती है और लोग इसे निवेश का एक अच्छा साधन मानते हैं। गहने खरीदने से पहले अपने स्थानीय जौहरी से ताजा भाव जरूर पूछ लें और हॉलमार्क की जांच कर लें।",
		[][]any{{"चेन्नई", "60130", "55110", "73000"}, {"लखनऊ", "59870", "54900", "71500"}, {"कोलकाता", "60020", "55020", "72400"}}},
}

func (f form) voice(source string, facts []any, minute int) copydesk.Voice {
	v := written(source, fmt.Sprintf(f.title+"%[9].0s", pad(facts)...), fmt.Sprintf(f.text+"%[9].0s", pad(facts)...), minute)
	v.Entry.Language = f.language
	return v
}

// pad gives formats as many operands as any of them names.
func pad(facts []any) []any {
	for len(facts) < 9 {
		facts = append(facts[:len(facts):len(facts)], "")
	}
	return facts
}

// Days apart only the texts are in question; minutes apart, what the headlines and
// the beginnings share is as well.
func TestOneFormWithOtherFactsIsNeitherACopyNorTheSameNews(t *testing.T) {
	for _, minutes := range []int{4 * 24 * 60, 7} {
		for _, f := range forms {
			d := newDesk()
			for i, facts := range f.facts {
				if g := d.arrive(f.voice(fmt.Sprintf("%c", 'a'+i), facts, i*minutes)); len(g.Story.Members) != 1 {
					t.Errorf("%s (%s), %d minutes apart: %s", f.name, f.language, minutes, g.Reason)
				}
			}
		}
	}
}

// More of them than are read whole.
func TestAFloodOfOneFormIsNoStory(t *testing.T) {
	d, f := newDesk(), forms[0]
	for i := range 40 {
		county := fmt.Sprintf("%c%s", 'A'+i%26, []string{"lmere", "rdingham", "stley", "ndover"}[i%4])
		facts := []any{county, fmt.Sprint(1 + i%11), fmt.Sprintf("%sford, Upper %s and %[1]ston", county, county)}
		if g := d.arrive(f.voice(fmt.Sprint("s", i%2), facts, i)); len(g.Story.Members) != 1 {
			t.Errorf("%s: %s", county, g.Reason)
		}
	}
}
