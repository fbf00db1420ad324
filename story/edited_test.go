package story_test

import (
	"strings"
	"testing"

	"copydesk"
)

// edited are texts and what others make of them who copy: each is the same text
// all the same.
var edited = []struct {
	name, language, title, text string
	edits                       []edit
}{
	{"a bus accident", "en", "Bus falls into ravine near Korby, killing 12",
		`At least 12 people were killed and 30 injured when a bus left the road and fell into a ravine near Korby on Tuesday morning, police said. The bus of the Norrland Lines company was on its way from Talvik to the capital with 51 passengers on board, many of them students who were returning from a holiday.
Rescuers worked until the evening to free those who were trapped in the wreck. The road through the Anselm valley is narrow there and has no railing, and it had been raining since the night. Mayor Asta Brekke said that the town had asked for a railing for years.
The driver, a man of 44, survived and was questioned in hospital. Inspector Tomas Viel said that it was too early to speak of a cause, but that the brakes would be examined. Eight people died at the same place in 2011, when a lorry loaded with timber overturned.
The company said in a statement that it would pay for the funerals. Schools in Talvik will remain closed on Wednesday, and flags on public buildings are to fly at half-mast until the end of the week.`,
		[]edit{
			{"an updated toll", []string{"12 people", "17 people", "30 injured", "26 injured", "Tuesday morning", "Tuesday"}},
			{"a toll a day later", []string{"At least 12 people were", "The number of people", "and 30 injured when", "has risen to 19, after", "worked until the evening", "worked through the night", "44", "45"}},
			{"a corrected figure", []string{"51 passengers", "53 passengers"}},
			{"a rewritten first sentence", []string{"At least 12 people were killed and 30 injured when a bus left the road and fell into a ravine near Korby on Tuesday morning, police said.", "A coach has plunged off a mountain road in the north of the country, and a dozen of those on board have lost their lives."}},
			{"a rewritten sentence within", []string{"Mayor Asta Brekke said that the town had asked for a railing for years.", "For years the people of the town have demanded a railing in vain, complains the mayor, Asta Brekke."}},
			{"another house's spelling", []string{"people", "persons", "Inspector", "Insp.", "lorry", "truck", "said", "says", "capital", "Capital", "students", "pupils"}},
			{"an agency's dateline", []string{"At least 12", "KORBY (Tide Wire) - At least 12", "police said", "police told Tide Wire"}},
		}},
	{"a takeover", "en", "Zephyrine to buy Quarrystone for $3.1 billion",
		`Zephyrine Systems has agreed to buy its smaller rival Quarrystone Holdings for $3.1 billion in cash and shares, the two companies said on Monday. Holders of Quarrystone will receive $41 for each share, a premium of 28 percent over the closing price on Friday.
The deal brings together the second and the fourth largest makers of sorting machines, which between them employ 18,500 people in eleven countries. Chief executive Pia Lindqvist said that she expected savings of $220 million a year by the end of 2026, most of it in purchasing and in the sale of offices.
Unions were less pleased. Matthias Oberlin of the metal workers said that nobody had spoken to them, and that they would fight for every one of the 900 jobs at the plant in Redfield, which both companies have said they want to close. Regulators in Brussels are expected to look at the deal closely.`,
		[]edit{
			{"a corrected price", []string{"$41", "$42", "28 percent", "31 percent"}},
			{"American writing", []string{"$3.1 billion", "US$3.1bn", "percent", "per cent", "metal workers", "metalworkers"}},
			{"a shortened first sentence", []string{" in cash and shares, the two companies said on Monday", ""}},
			{"a later version", []string{"said on Monday", "confirmed", "Friday", "the last day of trading", "are expected to look", "said on Tuesday that they would look"}},
		}},
	{"a trial", "de", "Früherer Bürgermeister von Korby verurteilt",
		`Das Landgericht in Talvik hat den früheren Bürgermeister von Korby wegen Bestechlichkeit zu vier Jahren Haft verurteilt. Die Richter sahen es am Dienstag als erwiesen an, dass Anselm Varga zwischen 2015 und 2019 von der Reederei Norrland Lines 140.000 Euro angenommen hatte, damit sie den Anleger am Südkai allein benutzen durfte.
Vargas Anwältin Mirabel Brekke kündigte Revision an. Ihr Mandant habe das Geld für den Sportverein bekommen und dort jeden Betrag verbucht. Die Staatsanwaltschaft hatte sechs Jahre gefordert. Der Prozess hatte im März begonnen, 61 Zeugen wurden gehört.
Im Saal saßen viele Fischer, deren Boote seit damals am Nordkai liegen müssen. Einer von ihnen sagte, das Urteil mache die verlorenen Jahre nicht wieder gut. Die Stadt prüft nun, ob sie von der Reederei Schadenersatz verlangen kann.`,
		[]edit{
			{"corrected figures", []string{"140.000", "144.000", "61 Zeugen", "63 Zeugen"}},
			{"another day", []string{"am Dienstag", "am 13. Juni", "im März", "im Frühjahr"}},
			{"a rewritten first sentence", []string{"Das Landgericht in Talvik hat den früheren Bürgermeister von Korby wegen Bestechlichkeit zu vier Jahren Haft verurteilt.", "Er nahm Geld und schwieg: Nun muss der ehemalige Rathauschef der Hafenstadt für vier Jahre ins Gefängnis."}},
		}},
	{"a flood", "es", "Las lluvias dejan 7 muertos en el valle de Anselm",
		`Al menos 7 personas murieron y 23 siguen desaparecidas tras las lluvias que cayeron el lunes sobre el valle de Anselm, informó la alcaldesa de Korby, Asta Brekke. El río se desbordó de madrugada y arrastró tres puentes y decenas de viviendas en los barrios bajos de la ciudad.
Los bomberos rescataron en lancha a familias que esperaban en los tejados, y el ejército ha enviado 300 soldados y dos helicópteros. La carretera a Talvik está cortada y unas 4.000 casas no tienen luz ni agua potable.
Los vecinos se quejan de que las alarmas no sonaron. El gobierno anunció ayudas y prometió investigar por qué el embalse, que se terminó en 1961, abrió sus compuertas sin avisar a los pueblos que están río abajo.`,
		[]edit{
			{"an updated toll", []string{"7 personas", "11 personas", "23 siguen", "18 siguen", "4.000", "6.500"}},
			{"a rewritten first sentence", []string{"Al menos 7 personas murieron y 23 siguen desaparecidas tras las lluvias que cayeron el lunes sobre el valle de Anselm, informó la alcaldesa de Korby, Asta Brekke.", "La tragedia volvió a golpear al norte del país, donde el agua se llevó por delante cuanto encontró a su paso mientras la gente dormía."}},
		}},
	{"a fire", "zh", "科尔比玻璃厂火灾造成6人死亡",
		`科尔比市一家玻璃厂星期二凌晨发生火灾，造成6人死亡、19人受伤，当地消防部门出动22辆消防车，用了五个小时才把大火扑灭。工厂负责人安塞尔说，起火时车间里有四十多名工人正在上夜班，其中多数人从后门逃了出来。
警方正在调查起火原因，初步怀疑与一台老旧的电炉有关。市长布雷克宣布为遇难者家属提供帮助，并要求所有工厂在月底以前检查电气设备。附近居民说，他们听到两声巨响，随后看到浓烟从屋顶冒出来。
这家工厂建于1961年，是科尔比最大的雇主，主要生产灯塔使用的透镜。工会多次批评厂方没有按规定设置消防通道，厂方对此没有作出回应。`,
		[]edit{
			{"an updated toll", []string{"6人死亡", "9人死亡", "19人受伤", "16人受伤"}},
			{"another first sentence", []string{"科尔比市一家玻璃厂星期二凌晨发生火灾，造成6人死亡、19人受伤，", "一场大火吞没了本市最有名的老厂房，噩耗传来全城悲痛，"}},
		}},
	{"a fire", "ja", "コルビーのガラス工場で火災、6人死亡",
		`コルビー市のガラス工場で火曜日の未明に火事があり、6人が死亡、19人がけがをした。消防車22台が出て、およそ五時間後に火は消し止められた。工場長のアンセルム氏によると、出火当時は四十人あまりが夜勤で働いており、多くは裏口から逃げたという。
警察は古い電気炉が火元とみて原因を調べている。ブレッケ市長は遺族への支援を約束し、すべての工場に月末までに電気設備を点検するよう求めた。近くに住む人は、大きな音が二度聞こえたあと屋根から黒い煙が上がるのを見たと話している。
工場は1961年に建てられ、灯台のレンズを作ってきた市内最大の雇い主で、労働組合は避難通路が足りないと何度も訴えていた。`,
		[]edit{{"an updated toll", []string{"6人が死亡", "9人が死亡", "19人がけが", "16人がけが"}}}},
	{"a fire", "ar", "حريق في مصنع زجاج يودي بحياة 6 أشخاص",
		`لقي 6 أشخاص مصرعهم وأصيب 19 آخرون في حريق اندلع فجر الثلاثاء في مصنع للزجاج بمدينة كوربي وشاركت 22 سيارة إطفاء في إخماده بعد خمس ساعات من العمل المتواصل. وقال مدير المصنع أنسلم إن أكثر من أربعين عاملا كانوا في نوبة الليل وإن معظمهم خرجوا من الباب الخلفي.
وتحقق الشرطة في أسباب الحريق وتشتبه في فرن كهربائي قديم. ووعدت رئيسة البلدية بريكه بمساعدة أسر الضحايا وطلبت من كل المصانع فحص معداتها الكهربائية قبل نهاية الشهر. وقال سكان الحي إنهم سمعوا دويا مرتين ثم رأوا الدخان يتصاعد من السقف.
وقد بني المصنع عام 1961 وهو أكبر مشغل في المدينة وينتج عدسات المنارات وكانت النقابة قد اشتكت مرارا من نقص مخارج الطوارئ دون أن يصدر رد من الإدارة.`,
		[]edit{{"an updated toll", []string{"لقي 6", "لقي 9", "وأصيب 19", "وأصيب 16"}}}},
	{"a fire", "hi", "कांच के कारखाने में आग, 6 लोगों की मौत",
		`कोर्बी शहर में मंगलवार तड़के कांच के एक कारखाने में आग लगने से 6 लोगों की मौत हो गई और 19 लोग घायल हो गए। दमकल की 22 गाड़ियों ने पांच घंटे की मेहनत के बाद आग पर काबू पाया। कारखाने के मालिक एन्सेल्म ने बताया कि उस समय चालीस से ज्यादा मजदूर रात की पाली में काम कर रहे थे और ज्यादातर पीछे के दरवाजे से बाहर निकल आए।
पुलिस आग के कारण की जांच कर रही है और उसे एक पुरानी बिजली की भट्ठी पर शक है। महापौर ब्रेक्के ने मृतकों के परिवारों को मदद देने का वादा किया और सभी कारखानों से महीने के अंत तक बिजली के उपकरणों की जांच कराने को कहा। आसपास के लोगों ने दो धमाके सुने और फिर छत से धुआं उठते देखा।
यह कारखाना 1961 में बना था और शहर में सबसे ज्यादा लोगों को काम देता है। मजदूर संघ ने कई बार शिकायत की थी कि बाहर निकलने के रास्ते कम हैं।`,
		[]edit{{"an updated toll", []string{"6 लोगों", "9 लोगों", "19 लोग", "16 लोग"}}}},
}

// edit is what somebody changes: pairs of old and new.
type edit struct {
	name  string
	pairs []string
}

func (e edit) of(text string) string { return strings.NewReplacer(e.pairs...).Replace(text) }

// Each edit also without a paragraph, and between what a site puts around all.
func TestAnEditedCopyIsACopy(t *testing.T) {
	for _, c := range edited {
		for _, e := range append(c.edits, edit{"nothing", nil}) {
			parts := strings.Split(e.of(c.text), "\n")
			for drop := -1; drop < len(parts); drop++ {
				var left []string
				for i, p := range parts {
					if i != drop {
						left = append(left, "<p>"+p+"</p>")
					}
				}
				for _, site := range copyists {
					d := newDesk()
					d.arrive(inLanguage(written("a", c.title, "<p>"+strings.ReplaceAll(c.text, "\n", "</p><p>")+"</p>", 0), c.language))
					text := strings.Join(left, "")
					if c.language == "en" {
						text = "<p>" + site.before + "</p>" + text + "<p>" + site.after + "</p>"
					}
					v := inLanguage(written("b", "Page 4", text, 4*24*60), c.language)
					if g := d.arrive(v); len(g.Story.Members) != 2 {
						t.Errorf("%s (%s) with %s, without paragraph %d: %s", c.name, c.language, e.name, drop, g.Reason)
					}
				}
			}
		}
	}
}

func inLanguage(v copydesk.Voice, language string) copydesk.Voice {
	v.Entry.Language = language
	return v
}
